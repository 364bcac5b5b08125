import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { configuration, eventually, litter, mailWith, on, send } from "./lab";
import { complaints, endOfLog } from "./mail-log";
import { addReleases, releases } from "./releases";
import { Stack } from "./stack";

const stack = new Stack("caches");
const laptops = releases.map(({ laptop }) => laptop);
const hosts = ["hub", ...laptops];
const untouched = new Map<string, string>();
const value = (host: string, name: string) => on(host, `postconf -h ${name} 2>/dev/null`).trim();
const lines = {
    smtp_tls_session_cache_database: "btree:${spool_directory}/smtp_scache",
    smtpd_tls_session_cache_database: "btree:${spool_directory}/smtpd_scache",
};

/** The article's two lines in the place of Debian's, and no newline behind the last. */
function asTheArticleSays(host: string): void {
    on(
        host,
        `cd /etc/postfix && sed -i '/^smtp_tls_session_cache_database/d' main.cf && printf '%s' '${Object.entries(
            lines,
        )
            .map(([name, wanted]) => `${name} = ${wanted}`)
            .join("\n")}' >>main.cf && postfix reload`,
    );
}

before(async () => {
    addReleases();
    for (const host of hosts) {
        asTheArticleSays(host);
        untouched.set(host, configuration(host));
    }
    await stack.machines({}, Object.fromEntries(laptops.map((laptop) => [laptop, {}])));
});

after(() => stack.remove());

test("the preview names each line that never worked and what becomes of it, and asks for nobody's word", async () => {
    const { code, out } = await stack.preview();
    assert.equal(code, 0, out);
    const moved =
        /main\.cf line \d+ of the host, "smtp_tls_session_cache_database = btree:\$\{spool_directory\}\/smtp_scache", never worked, because Postfix has no parameter spool_directory: it becomes "(btree|lmdb):\$\{data_directory\}\/smtp_scache"/g;
    const diagnostics = out.slice(out.indexOf("Diagnostics:"));
    const types = [...diagnostics.matchAll(moved)].map(([, type]) => type);
    assert.deepEqual(types.sort(), ["btree", "btree", "btree", "btree", "lmdb"], out);
    const dropped = /smtpd_scache", never worked, .*: it is commented out, for session tickets/g;
    assert.equal(diagnostics.match(dropped)?.length, hosts.length, out);
    for (const host of hosts) assert.equal(configuration(host), untouched.get(host), host);
});

test("up moves them", async () => {
    const { code, out } = await stack.up("--skip-preview");
    assert.equal(code, 0, out);
    for (const { postfix, laptop } of releases) {
        const type = postfix === "3.11" ? "lmdb" : "btree";
        assert.equal(
            value(laptop, "smtp_tls_session_cache_database"),
            `${type}:\${data_directory}/smtp_scache`,
        );
        assert.equal(value(laptop, "smtpd_tls_session_cache_database"), "");
    }
});

for (const { postfix, laptop } of releases) {
    test(`mail leaves by a cache that works and of which Postfix ${postfix} does not complain`, async () => {
        const mark = endOfLog(laptop);
        // With a tlsmgr(8) of its own.
        on(laptop, "postfix reload");
        send(laptop, `cache-${laptop}`);
        await eventually("the mail arrives", () => mailWith("hub", `cache-${laptop}`));
        assert.match(on(laptop, "ls /var/lib/postfix"), /^smtp_scache\.(db|lmdb)$/m);
        assert.deepEqual(complaints(laptop, mark), []);
    });
}

test("a second up changes nothing, a refresh finds no drift", async () => {
    const second = await stack.up("--skip-preview", "--refresh", "--expect-no-changes");
    assert.equal(second.code, 0, second.out);
});

test("destroy gives the lines back as they were", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    for (const host of hosts) {
        assert.equal(configuration(host), untouched.get(host), host);
        assert.equal(litter(host), "", host);
    }
});
