import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
    configuration,
    connection,
    eventually,
    lab,
    litter,
    mailWith,
    on,
    readOn,
    send,
    startPerl,
    tryOn,
} from "./lab";
import { addReleases, releases } from "./releases";
import { Stack, succeeds } from "./stack";
import { unseen } from "./unseen-value";

const stack = new Stack("network-hooks");
const laptops = releases.map(({ laptop }) => laptop);
const trixie = "laptop-trixie";
const sid = "laptop-sid";

/** The network's own tools as they run what lies in their folders when an interface has come up. */
const tools = {
    NetworkManager: {
        folder: "/etc/NetworkManager/dispatcher.d",
        up: "for f in $(ls /etc/NetworkManager/dispatcher.d /usr/lib/NetworkManager/dispatcher.d 2>/dev/null | grep -v : | sort -u); do for d in /etc /usr/lib; do p=$d/NetworkManager/dispatcher.d/$f; [ ! -x $p ] || { DEVICE_IFACE=eth0 $p eth0 up; break; }; done; done",
    },
    "networkd-dispatcher": {
        folder: "/etc/networkd-dispatcher/routable.d",
        up: "for f in $(ls /etc/networkd-dispatcher/routable.d /usr/lib/networkd-dispatcher/routable.d 2>/dev/null | grep -v : | sort -u); do for d in /etc /usr/lib; do p=$d/networkd-dispatcher/routable.d/$f; [ ! -x $p ] || { IFACE=eth0 OperationalState=routable $p; break; }; done; done",
    },
    ifupdown: {
        folder: "/etc/network/if-up.d",
        up: "IFACE=eth0 LOGICAL=eth0 ADDRFAM=inet METHOD=dhcp MODE=start PHASE=post-up run-parts /etc/network/if-up.d",
    },
};
type Tool = keyof typeof tools;
const toolNames = Object.keys(tools) as Tool[];

/** Where Debian's own package does it already, by release. */
const packaged: Record<string, Tool[]> = {
    "laptop-bullseye": ["ifupdown"],
    "laptop-bookworm": ["networkd-dispatcher", "ifupdown"],
    "laptop-trixie": [],
    "laptop-sid": [],
};

/** Our files on a laptop, as `MODE OWNER PATH`, with the random part of the name left out. */
const hooks = (laptop: string): string[] =>
    on(
        laptop,
        `for f in ${toolNames.map((name) => `${tools[name].folder}/*pulumi*`).join(" ")}; do
            [ ! -e "$f" ] || stat -c '%a %U:%G %n' "$f"; done; true`,
    )
        .split("\n")
        .filter(Boolean)
        .map((line) => line.replace(/-[0-9a-f]{8}$/, ""));

const hook = (laptop: string, tool: Tool): string =>
    on(laptop, `ls ${tools[tool].folder}/zz-pulumi-*`).trim();

const wanted = (laptop: string, names = toolNames): string[] =>
    names
        .filter((name) => !packaged[laptop]?.includes(name))
        .map((name) => `755 root:root ${tools[name].folder}/zz-pulumi-postfix-${laptop}`);

type Args = Record<string, Record<string, unknown>>;
const configure = (more: Args = {}) =>
    stack.machines(
        {},
        Object.fromEntries(
            laptops.map((name) => [
                name,
                // A user who is not root writes them as well.
                name === "laptop-bookworm"
                    ? { connection: { ...connection(name), user: "admin" }, sudo: true, ...more[name] }
                    : { ...more[name] },
            ]),
        ),
    );

let untouched: string[] = [];

before(async () => {
    addReleases();
    for (const laptop of laptops) {
        on(laptop, "ln -s /bin/true /sbin/ifup");
        for (const name of toolNames)
            if (laptop !== sid || name !== "NetworkManager") on(laptop, `mkdir -p ${tools[name].folder}`);
    }
    untouched = laptops.map((laptop) => configuration(laptop));
    await configure();
});

after(() => stack.remove());

test("a preview tells of the files; up writes one for each tool that is there and does not do it itself", async () => {
    const previewed = await succeeds(stack.preview());
    assert.match(
        previewed,
        /\/etc\/NetworkManager\/dispatcher\.d: a file that sends the queue when the network is back/,
    );
    assert.deepEqual(hooks(trixie), []);
    on(trixie, "printf '#!/bin/sh\\necho \"$@\" >>/tmp/restorecon\\n' >/usr/local/sbin/restorecon");
    on(trixie, "chmod 755 /usr/local/sbin/restorecon");
    await succeeds(stack.up("--skip-preview"));
    for (const laptop of laptops) {
        const there = toolNames.filter((name) => laptop !== sid || name !== "NetworkManager");
        assert.deepEqual(hooks(laptop), wanted(laptop, there), laptop);
    }
});

test("where SELinux's restorecon is, it is told of whatever was written", () => {
    const labelled = readOn(trixie, "/tmp/restorecon").trim().split("\n");
    const owner = hook(trixie, "ifupdown").replace(/.*zz-pulumi-postfix-/, "");
    const generation = on(trixie, `ls -d /etc/postfix/pulumi/${owner}/*`).trim();
    assert.deepEqual(
        labelled.sort(),
        [
            generation,
            "/etc/postfix/main.cf",
            "/etc/postfix/master.cf",
            ...toolNames.map((name) => hook(trixie, name)),
        ]
            .map((path) => `-R ${path}`)
            .sort(),
    );
});

test("a second up changes nothing", async () => {
    await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
});

test("a tool that comes later: a refresh shows it, and up writes its file", async () => {
    on(sid, `mkdir -p ${tools.NetworkManager.folder}`);
    const refreshed = await succeeds(stack.refresh("--diff", "--skip-preview"));
    assert.match(
        refreshed,
        /NetworkManager\s*: "flush" => "\(\/etc\/NetworkManager\/dispatcher\.d\/zz-pulumi-postfix-laptop-sid-[0-9a-f]{8} is missing on the host\)"/,
    );
    assert.equal(refreshed.match(/ => /g)?.length, 1, refreshed);
    await succeeds(stack.up("--skip-preview"));
    assert.deepEqual(hooks(sid), wanted(sid));
});

for (const { postfix, laptop } of releases) {
    describe(`a laptop with Postfix ${postfix}`, () => {
        for (const tool of toolNames) {
            test(`${tool}: mail leaves when the network is back, long before its next try`, async () => {
                const subject = `back-${postfix}-${tool}`;
                const waiting = () => tryOn(laptop, "find /var/spool/postfix/deferred -type f").out;
                assert.equal(waiting(), "");
                lab("unplug", laptop);
                try {
                    send(laptop, subject);
                    await eventually("it is tried in vain", waiting);
                } finally {
                    lab("plug", laptop);
                }
                assert.equal(on(laptop, "postconf -h minimal_backoff_time").trim(), "300s");
                assert.equal(mailWith("hub", subject), undefined);
                on(laptop, tools[tool].up);
                await eventually("the mail arrives", () => mailWith("hub", subject));
            });
        }
    });
}

test("what somebody does to the files is drift of just that, and up repairs it", async () => {
    on(trixie, `rm ${hook(trixie, "NetworkManager")}`);
    on(trixie, `chmod 644 ${hook(trixie, "networkd-dispatcher")}`);
    on(trixie, `echo exit >>${hook(trixie, "ifupdown")}`);
    const refreshed = await succeeds(stack.refresh("--diff", "--skip-preview"));
    assert.match(refreshed, /NetworkManager\s*: "flush" => "\(.* is missing on the host\)"/);
    assert.match(
        refreshed,
        /networkd-dispatcher\s*: "flush" => "\(.* has mode 644 root:root, not 755 root:root\)"/,
    );
    assert.match(refreshed, /ifupdown\s*: "flush" => "\(.* was changed on the host\)"/);
    assert.equal(refreshed.match(/ => /g)?.length, 3, refreshed);
    await succeeds(stack.up("--skip-preview"));
    assert.deepEqual(hooks(trixie), wanted(trixie));
    await succeeds(stack.up("--skip-preview", "--expect-no-changes", "--refresh"));
});

test("a file of somebody else under that name is an error, and stays", async () => {
    const path = hook(trixie, "ifupdown");
    on(trixie, `printf '#!/bin/sh\\n# mine\\n' >${path}`);
    await succeeds(stack.refresh("--skip-preview"));
    for (const run of [stack.preview(), stack.up("--skip-preview")]) {
        const { code, out } = await run;
        assert.notEqual(code, 0);
        const words = `networkHooks.ifupdown: ${path} of the host is not ours, and is not written over: move it away, or set flushOnNetwork: false`;
        assert.ok(out.includes(words), out);
    }
    assert.equal(readOn(trixie, path), "#!/bin/sh\n# mine\n");
    on(trixie, `rm ${path}`);
    await succeeds(stack.up("--skip-preview"));
    assert.deepEqual(hooks(trixie), wanted(trixie));
});

describe("a change that fails", () => {
    const path = () => hook(trixie, "ifupdown");

    test("after the files were written: they are as they were", async () => {
        on(trixie, `echo '# edited' >>${path()}; rm ${hook(trixie, "NetworkManager")}`);
        await succeeds(stack.refresh("--skip-preview"));
        const [stood, edited] = [configuration(trixie), readOn(trixie, path())];
        await configure({ [trixie]: { settings: unseen("qmgr_message_active_limit", "abc") } });
        const { code, out } = await stack.up("--skip-preview");
        assert.notEqual(code, 0);
        assert.match(out, /The old configuration is back and Postfix works with it/);
        assert.equal(configuration(trixie), stood);
        assert.equal(litter(trixie), "");
        assert.equal(readOn(trixie, path()), edited);
        assert.notEqual(tryOn(trixie, `ls ${tools.NetworkManager.folder}/*pulumi*`).code, 0);
    });

    test("because somebody puts a file there meanwhile: it stays, and main.cf is as it was", async () => {
        const stood = configuration(trixie);
        await configure({ [trixie]: { settings: { message_size_limit: "20480000" } } });
        const file = path();
        startPerl(
            trixie,
            `select(undef, undef, undef, 0.001) until glob("/run/pulumi-postfix/*/config");
            open(F, ">", "${file}"); print F "mine\n"; close(F);`,
        );
        const { code, out } = await stack.up("--skip-preview");
        assert.notEqual(code, 0);
        assert.ok(out.includes(`${file} is not ours`), out);
        assert.equal(configuration(trixie), stood);
        assert.equal(readOn(trixie, file), "mine\n");
        on(trixie, `rm ${file}`);
        await succeeds(stack.refresh("--skip-preview"));
    });

    test("because a file cannot be written: main.cf is as it was", async () => {
        const stood = configuration(trixie);
        await configure({ [trixie]: { settings: { message_size_limit: "20480000" } } });
        on(trixie, `mount -t tmpfs -o ro none ${tools.NetworkManager.folder}`);
        try {
            const { code, out } = await stack.up("--skip-preview");
            assert.notEqual(code, 0);
            assert.match(
                out,
                /cannot write \/etc\/NetworkManager\/dispatcher\.d\/zz-pulumi-postfix-laptop-trixie-/,
            );
            assert.equal(configuration(trixie), stood);
            assert.equal(litter(trixie), "");
        } finally {
            on(trixie, `umount ${tools.NetworkManager.folder}`);
        }
        await configure();
        await succeeds(stack.up("--skip-preview"));
        assert.deepEqual(hooks(trixie), wanted(trixie));
    });
});

test("flushOnNetwork: false takes them away, on a laptop that sleeps when it is back", async () => {
    const asleep = { onUnreachable: "pending", flushOnNetwork: false };
    await configure({ [trixie]: { flushOnNetwork: false }, [sid]: asleep });
    lab("unplug", sid, "--silent");
    try {
        const out = await succeeds(stack.up("--skip-preview"));
        assert.match(out, /pending, the next up applies it/);
    } finally {
        lab("plug", sid);
    }
    assert.deepEqual(hooks(trixie), []);
    assert.deepEqual(hooks(sid), wanted(sid));
    await succeeds(stack.up("--skip-preview"));
    assert.deepEqual(hooks(sid), []);
    await configure();
    await succeeds(stack.up("--skip-preview"));
    assert.deepEqual(hooks(sid), wanted(sid));
});

test("destroy takes them away with the rest, and leaves what is somebody else's", async () => {
    const path = hook(trixie, "ifupdown");
    on(trixie, `echo mine >${path}`);
    await succeeds(stack.destroy());
    assert.equal(readOn(trixie, path), "mine\n");
    on(trixie, `rm ${path}`);
    for (const [index, laptop] of laptops.entries()) {
        assert.deepEqual(hooks(laptop), [], laptop);
        assert.equal(configuration(laptop), untouched[index], laptop);
    }
});
