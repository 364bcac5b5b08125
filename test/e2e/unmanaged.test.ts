import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, litter, mailWith, on, send } from "./lab";
import { complaints, endOfLog } from "./mail-log";
import { addReleases, releases } from "./releases";
import { Stack, succeeds } from "./stack";

const laptops = releases.map(({ laptop }) => laptop);
const hosts = ["hub", ...laptops];
const admins = ["message_size_limit = 20480001", "header_size_limit = 204801"];
const untouched = new Map<string, string>();
const destination = { settings: { mydestination: "$myhostname, example.com" } };
/** What the distribution has set, by `postconf -n`, before anybody else came. */
const stock = new Map<string, string[]>();

const explicit = (host: string): string[] =>
    on(host, "postconf -n 2>/dev/null")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" =")[0] ?? "");

before(() => {
    addReleases();
    for (const host of hosts) on(host, "cp -p /etc/postfix/main.cf /root/main.cf");
    // What the lab has added to its hub's line counts as an admin's.
    on("hub", "sed -i '/^mydestination/s/, example.com$//' /etc/postfix/main.cf");
    for (const host of hosts) {
        stock.set(host, explicit(host));
        on(host, `printf '%s\\n' '${admins.join("' '")}' >>/etc/postfix/main.cf && postfix reload`);
        untouched.set(host, configuration(host));
    }
});

after(() => {
    for (const host of hosts) on(host, "mv /root/main.cf /etc/postfix/main.cf && postfix reload");
});

function nothingRemains(): void {
    for (const host of hosts) {
        assert.equal(configuration(host), untouched.get(host), host);
        assert.equal(litter(host), "", host);
    }
}

describe("what others have set", () => {
    const stack = new Stack("others");
    const unmanaged = async (host: string) => (await stack.host(host))?.outputs.unmanaged;
    before(() => stack.machines(destination, Object.fromEntries(laptops.map((laptop) => [laptop, {}]))));
    after(() => stack.remove());

    test("is an output of each machine, and together with ours and the distribution's it is postconf -n", async () => {
        await succeeds(stack.up("--skip-preview"));
        for (const host of hosts) {
            assert.deepEqual(await unmanaged(host), admins, host);
            const main = (await stack.host(host))?.outputs.main as Record<string, string>;
            const known = new Set([
                ...Object.keys(main),
                ...(stock.get(host) ?? []),
                ...admins.map((line) => line.split(" ")[0]),
            ]);
            assert.deepEqual(
                explicit(host).filter((name) => !known.has(name) && !name.startsWith("pulumi_")),
                [],
                host,
            );
        }
    });

    test("makes no change by itself, and a refresh brings it up to date", async () => {
        const laptop = laptops[0] ?? "";
        on(laptop, "printf 'bounce_size_limit = 50001\\n' >>/etc/postfix/main.cf");
        await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
        assert.deepEqual(await unmanaged(laptop), admins);
        await succeeds(stack.refresh("--skip-preview"));
        assert.deepEqual(await unmanaged(laptop), [...admins, "bounce_size_limit = 50001"]);
        await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
        on(laptop, "sed -i '/^bounce_size_limit/d' /etc/postfix/main.cf");
    });

    test("is all there after destroy", async () => {
        await succeeds(stack.destroy());
        nothingRemains();
    });
});

describe("main.cf to ourselves", () => {
    const stack = new Stack("exclusive");
    const exclusive = { exclusive: true };
    const installation =
        /^(compatibility_level|myhostname|alias_maps|alias_database|readme_directory|cyrus_sasl_config_path|default_database_type|default_cache_db_type)$/;
    const marks = new Map<string, number>();
    before(async () => {
        const all = Object.fromEntries(laptops.map((laptop) => [laptop, exclusive]));
        await stack.machines({ ...destination, ...exclusive }, all);
    });
    after(() => stack.remove());

    test("the preview says of each line of others that it goes, and who wrote it", async () => {
        const out = await succeeds(stack.preview());
        const lines = out
            .slice(out.indexOf("Diagnostics:"))
            .match(/- main\.cf:\d+ message_size_limit: "20480001" \(set by: admin\)/g);
        assert.equal(lines?.length, hosts.length, out);
        assert.match(out, /- main\.cf:\d+ mailbox_size_limit: "0" \(set by: distribution\)/);
        nothingRemains();
    });

    test("up leaves our settings, built-in defaults, and what belongs to the installation", async () => {
        for (const host of hosts) marks.set(host, endOfLog(host));
        await succeeds(stack.up("--skip-preview"));
        for (const host of hosts) {
            const { main, unmanaged } = (await stack.host(host))?.outputs ?? {};
            const others = explicit(host).filter((name) => !(name in (main as object)));
            assert.deepEqual(
                others.filter((name) => !installation.test(name) && !name.startsWith("pulumi_")),
                [],
                host,
            );
            assert.deepEqual(unmanaged, [], host);
        }
    });

    for (const { postfix, laptop } of releases) {
        test(`Postfix ${postfix} works with that and complains of nothing`, async () => {
            send(laptop, `exclusive-${laptop}`);
            await eventually("the mail arrives", () => mailWith("hub", `exclusive-${laptop}`));
            assert.deepEqual(complaints(laptop, marks.get(laptop)), []);
            assert.deepEqual(complaints("hub", marks.get("hub")), []);
        });
    }

    test("a line that somebody adds is drift, and up takes it out of the way", async () => {
        const laptop = laptops.at(-1) ?? "";
        on(laptop, "printf 'bounce_size_limit = 50001\\n' >>/etc/postfix/main.cf");
        const seen = await succeeds(stack.preview("--refresh", "--diff"));
        assert.match(seen, /- bounce_size_limit: "50001"/);
        await succeeds(stack.up("--skip-preview", "--refresh"));
        assert.equal(on(laptop, "postconf -n bounce_size_limit 2>/dev/null"), "");
        on(laptop, "sed -i '/bounce_size_limit = 50001$/d' /etc/postfix/main.cf");
        await succeeds(stack.up("--skip-preview", "--refresh", "--expect-no-changes"));
    });

    test("destroy gives every line back", async () => {
        await succeeds(stack.destroy());
        nothingRemains();
    });
});
