import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
    arrives,
    configuration,
    connection,
    eventually,
    lab,
    labHost,
    mailWith,
    on,
    operatorKey,
    send,
    tryOn,
} from "./lab";
import { Stack, succeeds } from "./stack";
import { undoScript } from "./undo-script";

type Args = Record<string, unknown>;

const originals = new Map<string, string>();
const blocks = (host: string): number =>
    Number(tryOn(host, "grep -c '^# BEGIN pulumi-postfix ' /etc/postfix/main.cf").out.trim());
const setting = (host: string, name: string): string => on(host, `postconf -h ${name}`).trim();

/** What a run says of one machine's `Host`: its row, and the lines under its name at the end. */
function said(out: string, name: string): string {
    const row = new RegExp(`postfix:index:Host ${name} .*`, "g");
    const [, told = ""] = new RegExp(`postfix:index:Host \\(${name}\\):\n((?:    .*\n)*)`).exec(out) ?? [];
    return [...(out.match(row) ?? []), told].join("\n");
}

/** The properties that a preview names as changed on a machine's row. */
const named = (out: string, name: string): string[] =>
    /\[diff: ([^\]]*)\]/.exec(said(out, name))?.[1]?.match(/\w+/g)?.sort() ?? [];

before(() => {
    for (const host of ["hub", "laptop1", "laptop2", "laptop3"]) originals.set(host, configuration(host));
});

describe("laptops that sleep", () => {
    const stack = new Stack("asleep");
    const laptops = ["laptop1", "laptop2", "laptop3"];

    /** The third stands behind the hub as its jump host. */
    async function wanted(
        more: Args = {},
        names = laptops,
        one: { [name: string]: Args } = {},
    ): Promise<void> {
        const reached = (name: string) =>
            name === "laptop3"
                ? { ...connection(name), proxy: { ...connection("hub"), privateKey: operatorKey() } }
                : connection(name);
        const machine = (name: string) => [
            name,
            { connection: reached(name), onUnreachable: "pending", ...more, ...one[name] },
        ];
        const hub = { hostname: labHost("hub").fqdn, connection: connection("hub") };
        await stack.config(
            { smartHost: hub, laptops: Object.fromEntries(names.map(machine)) },
            {
                'privateKeys["*"]': operatorKey(),
                ...(names.includes("laptop3")
                    ? { "laptops.laptop3.connection.proxy.privateKey": operatorKey() }
                    : {}),
            },
        );
    }
    const outstanding = async () => (await stack.outputs()).pending;

    before(() => wanted());
    after(() => stack.remove());

    test("never reached, one of them behind a jump host: the first up does all the rest, says and lists who waits", async () => {
        lab("stop", "laptop2", "laptop3");
        const out = await succeeds(stack.up("--skip-preview", "--parallel", "16"));
        for (const name of ["laptop2", "laptop3"])
            assert.match(
                said(out, name),
                /warning: root@10\.77\.1\.\d:22: not reachable: .*: pending, the next up/,
            );
        assert.match(said(out, "laptop3"), /the jump host root@10\.77\.0\.1:22 says: /);
        assert.doesNotMatch(said(out, "laptop1"), /pending/);
        assert.deepEqual(await outstanding(), ["laptop2", "laptop3"]);
        assert.equal((await stack.host("laptop2"))?.outputs.pending, true);
        assert.equal((await stack.host("laptop1"))?.outputs.pending, false);
        await arrives("laptop1", "hub", "awake");
    });

    test("a preview names what waits for them, though the program is the same", async () => {
        const out = await succeeds(stack.preview("--parallel", "16"));
        for (const name of ["laptop2", "laptop3"]) {
            assert.deepEqual(named(out, name), ["chains", "main", "networkHooks", "provenBy", "services"]);
            assert.match(said(out, name), /cannot say what stands there/);
        }
        assert.deepEqual(named(out, "laptop1"), []);
    });

    test("awake, the next up of the same program makes them what they were to be, and mail flows", async () => {
        lab("start", "laptop2", "laptop3");
        assert.deepEqual([blocks("laptop2"), blocks("laptop3")], [0, 0]);
        await succeeds(stack.up("--skip-preview"));
        assert.deepEqual(await outstanding(), []);
        for (const name of ["laptop2", "laptop3"]) await arrives(name, "hub", `woken-${name}`);
        await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
    });

    test("a change while two sleep: a preview of the same program names that change for them and nothing else", async () => {
        lab("stop", "laptop2", "laptop3");
        await wanted({ settings: { header_size_limit: "204800" } });
        const out = await succeeds(stack.up("--skip-preview", "--parallel", "16"));
        assert.match(said(out, "laptop2"), /pending, the next up applies it/);
        assert.equal(setting("laptop1", "header_size_limit"), "204800");
        assert.deepEqual(await outstanding(), ["laptop2", "laptop3"]);
        const rows = await succeeds(stack.preview("--parallel", "16"));
        for (const name of ["laptop2", "laptop3"]) assert.deepEqual(named(rows, name), ["main", "provenBy"]);
        assert.deepEqual(named(rows, "laptop1"), []);
        const details = await succeeds(stack.preview("--parallel", "16", "--diff"));
        // What `settings` say is secret.
        assert.equal(details.match(/^ *\+ header_size_limit *: \[secret\]$/gm)?.length, 2);
    });

    test("a refresh goes on past them: the others are looked at, theirs is kept, and still waits", async () => {
        on("laptop1", "sed -i 's/^delay_warning_time = 1d$/delay_warning_time = 5d/' /etc/postfix/main.cf");
        const kept = async () => {
            const { main, pending, generation, provenBy } = (await stack.host("laptop2"))?.outputs ?? {};
            return { main, pending, generation, provenBy };
        };
        const before = await kept();
        const out = await succeeds(stack.refresh("--skip-preview", "--parallel", "16"));
        for (const name of ["laptop2", "laptop3"])
            assert.match(said(out, name), /warning: .*not reachable: .*: its state is kept as it was/);
        assert.deepEqual(await kept(), before);
        const laptop1 = (await stack.host("laptop1"))?.outputs.main as Record<string, string> | undefined;
        assert.equal(laptop1?.delay_warning_time, "5d");
        assert.deepEqual(await outstanding(), ["laptop2", "laptop3"]);
    });

    test("awake again, they get it with the next up, and so does the one that had drifted", async () => {
        lab("start", "laptop2", "laptop3");
        await succeeds(stack.up("--skip-preview"));
        for (const name of laptops) assert.equal(setting(name, "header_size_limit"), "204800");
        assert.equal(setting("laptop1", "delay_warning_time"), "1d");
        assert.deepEqual(await outstanding(), []);
        await arrives("laptop3", "hub", "woken-again");
    });

    test("taken out while asleep: revoked, forgotten, said so; awake, its mail waits and does not bounce", async () => {
        lab("stop", "laptop2");
        await wanted({ settings: { header_size_limit: "204800" } }, ["laptop1", "laptop3"]);
        const out = await succeeds(stack.up("--skip-preview"));
        assert.match(said(out, "laptop2"), /forgotten without being undone/);
        assert.equal(await stack.host("laptop2"), undefined);
        lab("start", "laptop2");
        send("laptop2", "revoked", "alice@example.com");
        await eventually("it is deferred", () => /said: 45\d 4\./.test(on("laptop2", "postqueue -p")));
        assert.equal(tryOn("laptop2", "grep -q 'status=bounced' /var/log/mail.log").code, 1);
        assert.equal(mailWith("hub", "revoked"), undefined);
    });

    test("back in the program with a new key, it has to be named in takeOver; then its mail goes", async () => {
        const settings = { header_size_limit: "204800" };
        await wanted({ settings });
        const { code, out } = await stack.up("--skip-preview");
        assert.notEqual(code, 0, out);
        const [, owner] = /takeOver.*"(laptop2-[0-9a-f]{8})"/.exec(out) ?? [];
        assert.ok(owner, out);
        await wanted({ settings }, laptops, { laptop2: { takeOver: [owner] } });
        await succeeds(stack.up("--skip-preview"));
        on("laptop2", "postqueue -f");
        await eventually("it arrives", () => mailWith("hub", "revoked"));
    });

    test("destroy goes on past a sleeper; undone by hand as docs/undo.md has it, its files are what they were and its mail is held", async () => {
        lab("stop", "laptop3");
        const out = await succeeds(stack.destroy("--skip-preview"));
        assert.match(said(out, "laptop3"), /forgotten without being undone/);
        for (const host of ["hub", "laptop1", "laptop2"])
            assert.equal(configuration(host), originals.get(host), host);
        lab("start", "laptop3");
        assert.equal(blocks("laptop3"), 1);
        send("laptop3", "nobody-takes-it");
        await eventually("it waits", () => /^[0-9A-Za-z]+[* ]/m.test(on("laptop3", "postqueue -p")));
        on("laptop3", undoScript());
        assert.equal(configuration("laptop3"), originals.get("laptop3"));
        assert.match(on("laptop3", "postqueue -p"), /^[0-9A-Za-z]+! /m);
        assert.equal(on("laptop3", "postfix status >/dev/null 2>&1 && echo runs").trim(), "runs");
        assert.equal(tryOn("laptop3", "find /etc -name 'zz-pulumi-postfix-*' | grep .").code, 1);
    });
});

describe("twelve laptops asleep and two awake", () => {
    const stack = new Stack("many-asleep");
    const asleep = Array.from({ length: 12 }, (_, index) => `asleep${index + 1}`);
    const awake = ["laptop1", "laptop2"];

    before(async () => {
        for (const [index, name] of asleep.entries()) lab("add", name, `10.77.3.${index + 1}`);
        const laptops = [...awake, ...asleep];
        await stack.machines(
            {},
            Object.fromEntries(laptops.map((name) => [name, { onUnreachable: "pending" }])),
        );
        for (const name of asleep) lab("unplug", name, "--silent");
    });
    after(() => stack.remove());

    /** The most SYNs to the sleepers' sshd without an answer at one moment of a run, seen in the kernel's own table. */
    async function mostDialled(run: Promise<unknown>): Promise<number> {
        let over = false;
        let most = 0;
        const end = run.finally(() => {
            over = true;
        });
        while (!over) {
            const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
            most = Math.max(most, lines.filter((line) => / [0-9A-F]{2}034D0A:0016 02 /.test(line)).length);
            await sleep(50);
        }
        await end;
        return most;
    }

    test("all twelve are dialled at once, and those awake are worked on before the first sleeper is given up", async () => {
        const run = succeeds(stack.up("--skip-preview", "--parallel", "32"));
        assert.equal(await mostDialled(run), 12);
        const out = await run;
        const at = (pattern: RegExp) => out.search(pattern);
        const firstGivenUp = at(/Host asleep\d+ (created|.*warning: )/);
        assert.ok(firstGivenUp > 0);
        for (const name of awake) {
            // Not its end, which a slow machine may see later.
            const begun = at(new RegExp(`Host ${name} .*reading the host's configuration`));
            assert.ok(begun > 0 && begun < firstGivenUp, name);
        }
        assert.deepEqual([...((await stack.outputs()).pending as string[])].sort(), [...asleep].sort());
        assert.equal(out.match(/^ {4}warning: .*: pending, the next up applies it$/gm)?.length, 12);
        for (const name of awake) await arrives(name, "hub", `beside-sleepers-${name}`);
    });

    test("awake, one up gives all of them what they were to have", async () => {
        for (const name of asleep) lab("plug", name);
        await succeeds(stack.up("--skip-preview", "--parallel", "32"));
        assert.deepEqual((await stack.outputs()).pending, []);
        for (const name of asleep) assert.equal(blocks(name), 1, name);
        await arrives("asleep12", "hub", "all-awake");
        await succeeds(stack.destroy("--skip-preview", "--parallel", "32"));
    });
});
