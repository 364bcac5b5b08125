import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { allNetworkHooks } from "../../postfix/network-hooks";
import { DirectProvider, type Kept, type Values } from "./direct";
import { directGrant, directHub, directLaptop, newKeyPair } from "./direct-machines";
import { configuration, eventually, on, startPerl, tryOn } from "./lab";

/** Every path of ours on a host by what it is, with the mode and the owner that it must have. */
const expected: [path: RegExp, mode: string, owner: string][] = [
    [/^\/etc\/postfix\/(main|master)\.cf$/, "644", "root:root"],
    [/^\/etc\/postfix\/pulumi$/, "700", "root:root"],
    [/^\/etc\/postfix\/pulumi\/(journal(\.new)?|begun)$/, "600", "root:root"],
    [/^\/etc\/postfix\/pulumi\/backup(\/(first|first\.new|[0-9a-f]{16}))?$/, "700", "root:root"],
    // As the live files are, behind a folder that only root can enter.
    [/^\/etc\/postfix\/pulumi\/backup\/[^/]+\/(main|master)\.cf$/, "644", "root:root"],
    [/^\/etc\/postfix\/pulumi\/backup\/[^/]+\/new-(main|master)\.cf$/, "600", "root:root"],
    [/^\/etc\/postfix\/pulumi\/[a-z0-9-]+-[0-9a-f]{8}(\/[0-9a-f]{16})?$/, "700", "root:root"],
    [/^\/etc\/postfix\/pulumi\/[^/]+-[0-9a-f]{8}\/[0-9a-f]{16}\/[a-z.-]+$/, "600", "root:root"],
    [
        /^\/etc\/(NetworkManager|networkd-dispatcher|network)\/.*\/zz-pulumi-postfix-[^/]+$/,
        "755",
        "root:root",
    ],
    [/^\/run\/pulumi-postfix\.lock$/, "600", "root:root"],
];
/** What is there only while a change is made; what others may read lies below a folder of 0700. */
const passing: typeof expected = [
    [/^\/run\/pulumi-postfix$/, "700", "root:root"],
    [/^\/run\/pulumi-postfix\/[0-9a-f]{16}(\/config|\/queue)?$/, "700|755", "root:root"],
    [/^\/run\/pulumi-postfix\/[0-9a-f]{16}\/data$/, "700", "(root|postfix):root"],
    [
        /^\/run\/pulumi-postfix\/[0-9a-f]{16}\/(run|watcher|pid|out|said|unused|edits|let-go|lock-said)$/,
        "600",
        "root:root",
    ],
    // Empty, and made below postlock(1), which has a umask of its own.
    [/^\/run\/pulumi-postfix\/[0-9a-f]{16}\/holds$/, "600|644", "root:root"],
    // postlogd(8) makes it, behind a folder that only root can enter.
    [/^\/run\/pulumi-postfix\/[0-9a-f]{16}\/check\.log$/, "600|644", "root:root"],
    [/^\/run\/pulumi-postfix\/[0-9a-f]{16}\/config\/(main|master)\.cf$/, "600", "root:root"],
    // Copies of what the package has there for everybody, closed until cp(1) has given them its mode.
    [
        /^\/run\/pulumi-postfix\/[0-9a-f]{16}\/config\/(dynamicmaps\.cf|postfix-files)(\.d.*)?$/,
        "600|644|700|755",
        "root:root",
    ],
    [/^\/run\/pulumi-postfix\/[0-9a-f]{16}\/hooks(\/.*)?$/, "700|755", "root:root"],
    [/^\/run\/pulumi-postfix\/probe-\d+(\/.*)?$/, "700|600", "root:root"],
    // Made in a folder that gives its group away, until cp(1) has given it that of the live one.
    [/^\/etc\/postfix\/\.pulumi-[0-9a-f]{16}-(main|master)\.cf$/, "600|644", "root:(root|mail)"],
    [/^\/etc\/postfix\/pulumi\/backup\/[0-9a-f]{16}\/hook$/, "600|755", "root:root"],
    // Berkeley DB makes an index under such a name.
    [/^\/etc\/postfix\/pulumi\/[^/]+-[0-9a-f]{8}\/[0-9a-f]{16}\/__db\.[a-z.-]+$/, "600", "root:root"],
    // Before cp(1) has given it the mode of the live one.
    [/^\/etc\/postfix\/pulumi\/backup\/[0-9a-f]{16}\/(main|master)\.cf$/, "600|644", "root:root"],
];
const places =
    "/etc/postfix/main.cf /etc/postfix/master.cf /etc/postfix/.pulumi-* /etc/postfix/pulumi* /etc/*/*/zz-pulumi-* /run/pulumi-postfix*";

/** Lines `MODE OWNER PATH` of whatever is ours; links and Postfix's own queue of the staging are not. */
const listing = (host: string): string[] =>
    tryOn(
        host,
        `find ${places} ! -type l ! -path '*/queue/*' -printf '%m %u:%g %p\\n' 2>/dev/null | sort -k 3`,
    )
        .out.split("\n")
        .filter((line) => /^\d+ \S+ \//.test(line));

function wrong(lines: string[], rules: typeof expected): string[] {
    return lines.filter((line) => {
        const [mode = "", owner = "", path = ""] = line.split(" ");
        const rule = rules.find(([pattern]) => pattern.test(path));
        return !rule || !new RegExp(`^(${rule[1]})$`).test(mode) || !new RegExp(`^${rule[2]}$`).test(owner);
    });
}

const hosts = ["hub", "laptop1"];
const [hubKey, laptopKey, otherKey] = [newKeyPair("hub"), newKeyPair("laptop1"), newKeyPair("other")];
const originals = new Map<string, string>();
const folders = ["NetworkManager/dispatcher.d", "networkd-dispatcher/routable.d", "network/if-up.d"];
const kept: Kept[] = [];
let provider: DirectProvider;
let made: string[] = [];

before(async () => {
    provider = await DirectProvider.start();
    // What is made in such a folder has its group and the bit, unless somebody sees to it.
    on("hub", "chgrp mail /etc/postfix && chmod 2775 /etc/postfix");
    for (const host of hosts) originals.set(host, configuration(host));
    made = folders.filter((folder) => tryOn("laptop1", `test -d /etc/${folder}`).code !== 0);
    for (const folder of made) on("laptop1", `mkdir -p /etc/${folder}`);
});
after(() => {
    for (const folder of made) on("laptop1", `rm -rf /etc/${folder}`);
    on("hub", "chgrp root /etc/postfix && chmod ug-s,u=rwx,go=rx /etc/postfix");
    provider.stop();
});

const tables = {
    redirects: { type: "hash", entries: { "a@example.com": "b@example.com" } },
    plain: { entries: { "c@example.com": "d@example.com" } },
} as unknown as Values;
const hub = (more: Values = {}): Values => {
    const wanted = directHub("hub", hubKey, {}, more);
    const main = {
        ...(wanted.main as Values),
        virtual_alias_maps: "@{redirects} @{plain}",
        ...((more.main as Values) ?? {}),
    };
    return { ...wanted, tables: { ...(wanted.tables as Values), ...tables }, main };
};
const laptop = (more: Values = {}): Values =>
    directLaptop(
        "laptop1",
        laptopKey,
        { host: "hub", pins: [hubKey.pin] },
        {},
        {
            networkHooks: allNetworkHooks(),
            ...more,
        },
    );

const paths = (host: string) => listing(host).map((line) => line.split(" ")[2] ?? "");

test("after a create everything of ours has its mode and owner, and nothing else is there", async () => {
    kept.push(await provider.create(hub()));
    kept.push(await provider.create(directGrant("laptops", "hub", [{ name: "a", pins: [laptopKey.pin] }])));
    kept.push(await provider.create(laptop()));
    for (const host of hosts) assert.deepEqual(wrong(listing(host), expected), [], host);
    // That there was something to look at, of each kind.
    const kinds = [
        /\/identity\.pem$/,
        /\/redirects$/,
        /\/redirects\.db$/,
        /\/plain$/,
        /\/pins$/,
        /\/clients$/,
    ];
    for (const kind of kinds)
        assert.ok(
            paths("hub").some((path) => kind.test(path)),
            String(kind),
        );
    assert.ok(paths("hub").includes("/etc/postfix/pulumi/backup/first/main.cf"));
    assert.ok(paths("hub").includes("/run/pulumi-postfix.lock"));
    assert.ok(paths("laptop1").some((path) => path.includes("/zz-pulumi-postfix-")));
});

test("while changes are made nothing has a wider mode, and nothing unknown appears", async () => {
    const seen = "/root/seen-modes";
    on("hub", `rm -f ${seen}`);
    const watcher = startPerl(
        "hub",
        `my %seen; open(my $out, ">>", "${seen}"); $out->autoflush(1); use IO::Handle;
        while (1) { for (split /\\n/, \`find ${places} ! -type l ! -path "*/queue/*" -printf "%m %u:%g %p\\\\n" 2>/dev/null\`) { print $out "$_\\n" unless $seen{$_}++ } }`,
    );
    try {
        await eventually("it watches", () => tryOn("hub", `grep -q master.cf ${seen}`).code === 0);
        for (const size of ["50001", "50002"]) {
            const wanted = hub({ main: { bounce_size_limit: size } });
            kept[0] = await provider.update(kept[0] as Kept, wanted);
        }
    } finally {
        on("hub", `kill ${watcher}`);
    }
    const lines = on("hub", `cat ${seen}; rm ${seen}`)
        .split("\n")
        .filter((line) => line !== "");
    assert.deepEqual(wrong(lines, [...passing, ...expected]), []);
    assert.ok(
        lines.some((line) => /\/run\/pulumi-postfix\/[0-9a-f]{16}\/config$/.test(line)),
        "saw no change",
    );
});

test("after an update, and after a change that failed, all is as before", async () => {
    for (const host of hosts) assert.deepEqual(wrong(listing(host), expected), [], host);
    const before = listing("hub");
    const failing = hub({
        proof: { serves: { port: 587, pins: [otherKey.pin] } },
        leaveBehind: ["a"],
        main: { bounce_size_limit: "50003" },
    });
    await assert.rejects(provider.update(kept[0] as Kept, failing), /does not serve the intended key/);
    const names = (lines: string[]) =>
        lines.map((line) => line.replace(/backup\/[0-9a-f]{16}/, "backup/JOB"));
    assert.deepEqual(
        names(listing("hub")).filter((line) => !line.includes("JOB")),
        names(before).filter((line) => !line.includes("JOB")),
    );
    assert.deepEqual(wrong(listing("hub"), expected), []);
});

test("after the destroy nothing of ours is left but the empty lock", async () => {
    for (const each of kept.splice(0).reverse()) await provider.delete(each);
    const left = ["644 root:root /etc/postfix/main.cf", "644 root:root /etc/postfix/master.cf"];
    for (const host of hosts) {
        assert.deepEqual(listing(host), [...left, "600 root:root /run/pulumi-postfix.lock"]);
        assert.equal(on(host, "cat /run/pulumi-postfix.lock"), "");
        assert.equal(configuration(host), originals.get(host), host);
    }
});
