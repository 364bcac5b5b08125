import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { directGrant, directHub, directLaptop, newKeyPair } from "./direct-machines";
import { configuration, eventually, labHost, on, readOn, startPerl, tryOn } from "./lab";
import { type OwnHost, OwnHosts } from "./own-hosts";
import { fails, Stack, succeeds } from "./stack";

// What becomes of a host when the program thinks of it in another way: replaced, renamed, moved, forgotten, removed.
const program = new OwnHosts();
const first = new Stack("first", program.folder);
const second = new Stack("second", program.folder, { PULUMI_BACKEND_URL: `file://${first.folder}` });
const [hubKey, laptopKey] = [newKeyPair("hub"), newKeyPair("laptop1")];
const hosts = ["hub", "laptop1"];
const originals = new Map<string, string>();

const hub: OwnHost = { inputs: directHub("hub", hubKey) };
const laptops = [{ name: "laptop1", pins: [laptopKey.pin] }];
const grant: OwnHost = { inputs: directGrant("laptops", "hub", laptops) };
const laptop: OwnHost = {
    inputs: directLaptop("laptop1", laptopKey, { host: "hub", pins: [hubKey.pin] }),
    dependsOn: "hub",
};
const all = { hub, grant: { ...grant, dependsOn: "hub" }, laptop };

/** Both files with the folders of ours, and when each was written: what a change of the host cannot leave as it is. */
const standing = (host: string): string =>
    configuration(host) + on(host, "cd /etc/postfix && stat -c '%i %y' main.cf master.cf && ls -R pulumi");

const urn = async (name: string): Promise<string> => (await first.host(name))?.urn ?? assert.fail(name);
const owners = (host: string): string[] =>
    [...readOn(host, "/etc/postfix/main.cf").matchAll(/^# BEGIN pulumi-postfix (\S+)/gm)].map(
        ([, owner = ""]) => owner,
    );

before(async () => {
    for (const host of hosts) originals.set(host, configuration(host));
    program.want("first", all);
    program.want("second", {});
    await succeeds(first.up("--skip-preview"));
});
after(() => {
    for (const stack of [first, second]) stack.remove();
    program.remove();
});

test("while hosts are replaced and tainted a sender posts without a pause: every mail arrives, once", async () => {
    const run = `flow-${Date.now()}`;
    const count = () => Number(tryOn("laptop1", "cat /root/posted").out.trim() || 0);
    const log = Number(on("laptop1", "wc -l </var/log/mail.log"));
    const stood = new Map(hosts.map((host) => [host, owners(host)]));
    on("laptop1", "rm -f /root/posted /root/enough");
    startPerl(
        "laptop1",
        `my $n = 0;
        until (-e "/root/enough") {
            open(my $mail, "|-", "sendmail -f bob\\@example.com alice\\@example.com") or next;
            print $mail "Subject: ${run}-$n.\\n\\n";
            close($mail) or next;
            $n++; open(my $f, ">", "/root/posted.new"); print $f $n; close $f; rename "/root/posted.new", "/root/posted";
            select(undef, undef, undef, 0.1);
        }`,
    );
    try {
        await eventually("it posts", () => count() > 3);
        const names = ["hub", "grant", "laptop"];
        const replace = (await Promise.all(names.map(urn))).flatMap((each) => ["--replace", each]);
        assert.match(await succeeds(first.up("--skip-preview", ...replace)), /3 replaced/);
        await succeeds(first.run(["state", "taint", await urn("laptop"), "--yes"]));
        assert.match(await succeeds(first.up("--skip-preview")), /1 replaced/);
        const posted = count();
        await eventually("it posts on", () => count() > posted + 3);
    } finally {
        on("laptop1", "touch /root/enough");
    }
    for (const host of hosts) assert.deepEqual(owners(host), stood.get(host), host);
    on("laptop1", "postqueue -f");
    const arrived = () =>
        [
            ...tryOn("hub", "cat /var/mail/alice").out.matchAll(
                new RegExp(`^Subject: ${run}-(\\d+)\\.$`, "gm"),
            ),
        ].map(([, number]) => Number(number));
    await eventually("all have arrived", () => new Set(arrived()).size >= count());
    assert.deepEqual(
        arrived().sort((a, b) => a - b),
        Array.from({ length: count() }, (_, number) => number),
    );
    const logged = on("laptop1", `tail -n +${log + 1} /var/log/mail.log`);
    assert.doesNotMatch(logged, /status=bounced/);
    assert.doesNotMatch(logged, /(Untrusted|Anonymous) TLS connection established/);
});

test("a Host that is renamed by an alias keeps its fragment, and the host is not touched", async () => {
    const stood = standing("laptop1");
    const renamed = {
        ...all,
        laptop: undefined,
        notebook: { ...laptop, options: { aliases: [{ name: "laptop" }] } },
    };
    program.want("first", JSON.parse(JSON.stringify(renamed)));
    const out = await succeeds(first.up("--skip-preview"));
    assert.doesNotMatch(out, /(created|deleted|updated|replaced)/);
    assert.ok(await first.host("notebook"));
    assert.equal(standing("laptop1"), stood);
    program.want("first", { ...all, laptop: { ...laptop, options: { aliases: [{ name: "notebook" }] } } });
    await succeeds(first.up("--skip-preview"));
    assert.equal(standing("laptop1"), stood);
});

test("a Host that is moved to another stack keeps its fragment, and neither stack has anything to do", async () => {
    const stood = standing("hub");
    await succeeds(second.up("--skip-preview"));
    const moved = spawnSync(
        "pulumi",
        [
            "state",
            "move",
            "--yes",
            "--source",
            "first",
            "--dest",
            "second",
            "--cwd",
            program.folder,
            await urn("grant"),
        ],
        {
            encoding: "utf8",
            env: {
                ...process.env,
                PULUMI_BACKEND_URL: `file://${first.folder}`,
                PULUMI_CONFIG_PASSPHRASE: "lab",
                PULUMI_CONFIG_PASSPHRASE_FILE: "",
            },
        },
    );
    assert.equal(moved.status, 0, moved.stdout + moved.stderr);
    program.want("first", { hub, laptop });
    program.want("second", { grant });
    for (const stack of [first, second])
        await succeeds(stack.up("--skip-preview", "--expect-no-changes", "--refresh"));
    assert.equal(standing("hub"), stood);
});

test("the hub's stack cannot be destroyed while the other one's grant stands on its hub, and says whose", async () => {
    const stood = configuration("hub");
    const owner = owners("hub").find((name) => name.startsWith("laptops-"));
    program.want("first", { laptop: { ...laptop, dependsOn: "" } });
    const said = await fails(first.up("--skip-preview"));
    assert.match(said, new RegExp(`cannot go while "${owner}" of other programs stands on it`));
    assert.match(said, /First run pulumi destroy in those stacks/);
    assert.equal(configuration("hub"), stood);
    program.want("first", { hub, laptop });
    await succeeds(first.up("--skip-preview", "--expect-no-changes"));
});

test("a laptop whose mail waits keeps its fragment at a destroy", async () => {
    const { ip } = labHost("hub");
    on("laptop1", `ip route add unreachable ${ip}`);
    try {
        on("laptop1", "printf 'Subject: waits\\n\\n' | sendmail -f bob@example.com alice@example.com");
        await eventually("it is deferred", () => on("laptop1", "postqueue -p").includes("(connect to "));
    } finally {
        on("laptop1", `ip route del unreachable ${ip}`);
    }
    const stood = configuration("laptop1");
    const said = await fails(first.destroy("--target", await urn("laptop")));
    assert.match(said, /1 mail waits in this laptop's queue and would leave it past the pin/);
    assert.equal(configuration("laptop1"), stood);
    on("laptop1", "postsuper -d ALL 2>/dev/null");
});

test("a Host with retainOnDelete is forgotten, and stays on the host until somebody takes it over", async () => {
    program.want("second", { grant: { ...grant, options: { retainOnDelete: true } } });
    await succeeds(second.up("--skip-preview"));
    const [stood, names] = [standing("hub"), owners("hub")];
    program.want("second", {});
    await succeeds(second.up("--skip-preview"));
    assert.equal(standing("hub"), stood);
    // Its pins say that it is the same program's.
    program.want("second", { grant });
    await succeeds(second.up("--skip-preview"));
    assert.deepEqual(owners("hub"), names);
});

test("destroyed one after the other both stacks give the hosts back byte for byte", async () => {
    await succeeds(second.destroy());
    await succeeds(first.destroy());
    for (const host of hosts) assert.equal(configuration(host), originals.get(host), host);
});
