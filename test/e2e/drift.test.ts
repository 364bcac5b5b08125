import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
    arrives,
    configuration,
    connection,
    eventually,
    lab,
    labHost,
    mailWith,
    on,
    send,
    tryOn,
} from "./lab";
import { fails, Stack, succeeds } from "./stack";

/**
 * Drift with the engine: `pulumi preview --refresh` and `pulumi refresh` show it, `pulumi up` repairs it. What else
 * there is to be seen, row by row and without the engine: drift-laptop.test.ts, drift-hub.test.ts.
 */
const laptops = ["laptop1", "laptop2"];
const stack = new Stack("drift");
const originals = new Map<string, string>();

before(async () => {
    for (const host of ["hub", ...laptops]) originals.set(host, configuration(host));
    await stack.machines({}, Object.fromEntries(laptops.map((name) => [name, {}])));
    await succeeds(stack.up("--skip-preview"));
});
after(() => stack.remove());

/** What a refresh shows of each `Host`, by the name of its fragment: all lines with a sign, without what is around them. */
function shownIn(out: string): Map<string, string[]> {
    const refreshed = out.startsWith("Previewing") ? out.split("pulumi:pulumi:Stack: (same)")[0] : out;
    const parts = (refreshed ?? "").split(/^ +[-+~] postfix:index:Host: /m).slice(1);
    return new Map(
        parts.map((part) => {
            const [, name = ""] = /\[id=(.*)-[0-9a-f]{8}\//.exec(part) ?? [];
            if (part.startsWith("(delete)") || /^ +- main +:/m.test(part)) return [name, ["gone"]];
            const lines = part.split("\n").filter((line) => /^ +([-+] |~ .* => )/.test(line));
            return [
                name,
                lines.map((line) => line.trim().replace(/\s+:/, ":").replace(/\s+/g, " ")).filter(isSaid),
            ];
        }),
    );
}
/** Summary, and what is only there for the reader. */
const isSaid = (line: string) => !/^[-+~] (\d+ |postfixVersion|spoiled: \[)/.test(line);

/** By both ways to be shown it the same. */
async function showsExactly(expected: Record<string, string[]>): Promise<void> {
    for (const out of [
        await succeeds(stack.preview("--refresh", "--diff")),
        await succeeds(stack.refresh("--diff", "--skip-preview")),
    ])
        assert.deepEqual(Object.fromEntries(shownIn(out)), expected, out);
}

/** An up repairs it, and then there is nothing to be seen any more. */
async function repaired(): Promise<void> {
    await succeeds(stack.up("--skip-preview"));
    await succeeds(stack.up("--skip-preview", "--refresh", "--expect-no-changes"));
}

test("a value, a key's mode, a folder's mode, and Postfix stopped", async () => {
    const key = "/etc/postfix/pulumi/laptop2-*/*/identity.pem";
    on(
        "laptop1",
        "sed -i 's/^smtp_tls_mandatory_ciphers = high/smtp_tls_mandatory_ciphers = medium/' /etc/postfix/main.cf",
    );
    on("laptop2", `chmod 644 ${key}`);
    on("hub", "postfix stop; chmod 755 /etc/postfix/pulumi");
    const stopped = [
        '~ provenBy: "postfix" => "unproven"',
        '+ [0]: "/etc/postfix/pulumi has mode 755 root:root, not 700 root:root"',
    ];
    await showsExactly({
        laptop1: ['~ smtp_tls_mandatory_ciphers: "high" => "medium"'],
        laptop2: ["+ (identity.pem has mode 644 root:root, not 600 root:root)"],
        hub: stopped,
        "hub-laptops": stopped,
        // Nobody shows a key to a record.
        "hub-laptops-proofs": ['~ provenBy: "none" => "unproven"', ...stopped.slice(1)],
    });
    await repaired();
    assert.match(on("laptop1", "postconf -h smtp_tls_mandatory_ciphers"), /^high$/m);
    assert.match(on("laptop2", `stat -c %a ${key}`), /^(600\n)+$/);
    assert.equal(on("hub", "stat -c %a /etc/postfix/pulumi && postfix status 2>/dev/null"), "700\n");
});

describe("a laptop whose distribution was upgraded, and one that was installed anew", () => {
    const version = () => on("laptop1", "postconf -h mail_version").trim();
    const account = (line: string) => on("laptop1", line).trim();
    let before_ = "";

    before(() => {
        on("laptop1", "postfix stop");
        send("laptop1", "kept-through-the-upgrade");
        before_ = configuration("laptop1");
        lab("upgrade", "laptop1", "trixie");
        lab("reset", "laptop2", "--keep-host-key");
    });

    test("the upgrade leaves settings, keys, mail and logs as they were, and theirs whose they were", async () => {
        assert.match(version(), /^3\.10\./);
        const files = (text: string) => text.split("\n").slice(0, 2);
        assert.deepEqual(files(configuration("laptop1")), files(before_));
        assert.equal(tryOn("laptop1", "postfix check && postfix status").code, 0);
        const [owner, user] = [account("stat -c %u /var/spool/postfix/active"), account("id -u postfix")];
        assert.equal(owner, user);
        assert.equal(
            account("find /etc/postfix /var/spool/postfix /var/lib/postfix -nouser -o -nogroup"),
            "",
        );
        assert.match(account("cat /var/log/mail.log"), /version 3\.7\.[\s\S]*version 3\.10\./);
        assert.match(lab("status"), /^laptop1 .* trixie /m);
        await eventually("the mail arrives", () => mailWith("hub", "kept-through-the-upgrade"));
    });

    test("what this Postfix wants written otherwise is shown, and the other one is to be made again", async () => {
        await showsExactly({ laptop1: ['- tls_required_enable: "no"'], laptop2: ["gone"] });
        await repaired();
        assert.equal(on("laptop1", "postconf -h tls_required_enable"), "no\n");
        for (const laptop of laptops) await arrives(laptop, "hub", `after-all-${laptop}`);
    });
});

describe("a laptop out of reach", () => {
    const unreachable = (more: object) =>
        stack.machines(
            {},
            {
                laptop1: {},
                laptop2: { connection: { ...connection("laptop2"), dialErrorLimit: 1 }, ...more },
            },
        );
    after(() => lab("plug", "laptop2"));

    test("is an error of a refresh, or is kept as it is where onUnreachable says pending", async () => {
        await unreachable({});
        await succeeds(stack.up("--skip-preview"));
        lab("unplug", "laptop2");
        const host = await stack.host("laptop2");
        const out = await fails(stack.refresh("--skip-preview"));
        assert.match(out, /10\.77\.1\.2/);
        await unreachable({ onUnreachable: "pending" });
        await succeeds(stack.up("--skip-preview"));
        const kept = await succeeds(stack.refresh("--skip-preview"));
        assert.match(kept, /its state is kept as it was/);
        assert.deepEqual((await stack.host("laptop2"))?.outputs.main, host?.outputs.main);
    });
});

test("another host key is refused, and nobody logs in; given by the program, the laptop is made again", async () => {
    lab("reset", "laptop2");
    const out = await fails(stack.refresh("--skip-preview"));
    assert.match(out, /host key/);
    assert.doesNotMatch(on("laptop2", "cat /var/log/auth.log"), /Accepted|session opened/);
    await stack.machines({}, { laptop1: {}, laptop2: {} });
    await succeeds(stack.up("--skip-preview"));
    await arrives("laptop2", "hub", "with-its-new-key");
    assert.equal(labHost("laptop2").name, "laptop2");
});

test("destroy leaves the hosts as they were", async () => {
    await succeeds(stack.destroy());
    for (const host of ["hub", "laptop2"]) assert.equal(configuration(host), originals.get(host), host);
});
