import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { configuration, eventually, litter, mailWith, on, send, tryOn } from "./lab";
import { complaints, endOfLog } from "./mail-log";
import { addReleases, releases } from "./releases";
import { Stack, succeeds } from "./stack";

type Args = Record<string, unknown>;

const stack = new Stack("hatch");
const hosts = ["hub", ...releases.map(({ laptop }) => laptop)];
const untouched = new Map<string, string>();
const value = (host: string, name: string) => on(host, `postconf -h ${name} 2>/dev/null`).trim();

/** Types that need an index, on each release two. */
const indexed: Record<string, [string, string]> = {
    "3.5": ["hash", "btree"],
    "3.7": ["btree", "hash"],
    "3.10": ["hash", "btree"],
    "3.11": ["lmdb", "cdb"],
};

/** What each laptop has beside its role; more of one kind is added to it. */
function laptopOf(postfix: string, laptop: string, more: Args = {}): Args {
    const [first, second] = indexed[postfix] ?? ["hash", "btree"];
    const { settings, tables, services, ...rest } = more;
    return {
        takeOver: ["header_size_limit", "2525/inet"],
        tables: {
            aliases: { entries: { [`team@${laptop}.example.com`]: "alice@example.com" } },
            rewritten: { type: first, entries: { [`bob@${laptop}.example.com`]: "bob@example.com" } },
            senders: { type: second, entries: { "eve@example.net": "REJECT not from here" } },
            clients: {
                type: "cidr",
                text: "# from the top\n127.0.0.9 REJECT no such client\n127.0.0.0/8 DUNNO\n",
            },
            words: { type: "regexp", text: "/^mallory@/ REJECT not her" },
            ...(tables as object),
        },
        settings: {
            virtual_alias_maps: "@{aliases}",
            smtp_generic_maps: "@{rewritten}",
            smtpd_sender_restrictions: "check_sender_access @{senders}, check_sender_access @{words}",
            laptop_clients: "check_client_access @{clients}",
            smtpd_client_restrictions: "$laptop_clients",
            header_size_limit: "204802",
            ...(settings as object),
        },
        services: {
            "127.0.0.1:2525/inet": {
                command: "smtpd",
                options: { smtpd_banner: "$myhostname ready", smtpd_sender_restrictions: "" },
                chroot: "y",
            },
            "smtp/unix": { command: "smtp", process_limit: "7" },
            ...(services as object),
        },
        ...rest,
    };
}

/** The grant beside it must not stumble over what nobody reads. */
const hub = { settings: { hub_note: "x" }, allowUnknown: true };

const configure = (more: (postfix: string) => Args = () => ({})) =>
    stack.machines(
        hub,
        Object.fromEntries(
            releases.map(({ postfix, laptop }) => [laptop, laptopOf(postfix, laptop, more(postfix))]),
        ),
    );

/** Runs a preview that is refused, and leaves every host as it was. */
async function refused(): Promise<string> {
    const { code, out } = await stack.preview();
    assert.notEqual(code, 0, out);
    for (const host of hosts) assert.equal(configuration(host), untouched.get(host), host);
    return out;
}

before(() => {
    addReleases();
    for (const host of hosts) {
        on(
            host,
            `printf 'header_size_limit = 204801\\n' >>/etc/postfix/main.cf
            printf '2525 inet n - y - - smtpd\\n' >>/etc/postfix/master.cf && postfix reload`,
        );
        untouched.set(host, configuration(host));
    }
});

after(() => stack.remove());

test("a name that no Postfix here knows is refused with the nearest ones, a deprecated one is a warning", async () => {
    await configure(() => ({ settings: { smtpd_tls_loglvel: "1", smtpd_use_tls: "yes" } }));
    const out = await refused();
    for (const version of ["3\\.5\\.", "3\\.7\\.", "3\\.10\\.", "3\\.11\\."])
        assert.match(
            out,
            new RegExp(
                `Postfix ${version}\\d+ on this host knows no such parameter, and nothing there reads it as \\$smtpd_tls_loglvel; did you mean smtpd_tls_loglevel`,
            ),
        );
    await configure(() => ({ settings: { smtpd_use_tls: "yes" } }));
    const warned = await succeeds(stack.preview());
    const warnings = warned
        .slice(warned.indexOf("Diagnostics:"))
        .match(/smtpd_use_tls is deprecated since Postfix 2\.3: use smtpd_tls_security_level instead/g);
    assert.equal(warnings?.length, releases.length, warned);
});

test("a type of table that a host lacks is refused, with those that it has", async () => {
    await configure((postfix) =>
        postfix === "3.11" ? {} : { tables: { more: { type: "lmdb", entries: { a: "b" } } } },
    );
    const out = await refused();
    const said =
        /has no tables of type lmdb\. Install its package there \(on Debian: postfix-lmdb\), or choose one of texthash, hash, /g;
    assert.equal(out.slice(out.indexOf("Diagnostics:")).match(said)?.length, 3, out);
});

test("an admin's line for the same service yields only by name, and one around the pin not at all", async () => {
    await configure(() => ({ takeOver: ["header_size_limit"] }));
    const out = await refused();
    assert.match(out, /already serves port 2525 \("2525\/inet smtpd"\).* takeOver: \["2525\/inet"\]/);
    const weak = { command: "smtp", options: { smtp_tls_security_level: "may" } };
    await configure(() => ({ services: { "slow/unix": weak } }));
    assert.match(
        await refused(),
        /services\["slow\/unix"\]\.options\.smtp_tls_security_level: weakens or replaces the pin/,
    );
});

test("up brings settings, services and tables, with a name that nobody knows by allowUnknown", async () => {
    await configure(() => ({ settings: { my_own_note: "x" }, allowUnknown: true }));
    await succeeds(stack.up("--skip-preview"));
});

for (const { postfix, laptop } of releases) {
    test(`on Postfix ${postfix} each table is read by the daemon that needs it, though only root can open it`, async () => {
        const mark = endOfLog(laptop);
        on(
            laptop,
            `printf 'Subject: hatch-${laptop}\\n\\nx\\n' | sendmail -f bob@${laptop}.example.com team@${laptop}.example.com`,
        );
        const mail = await eventually("the mail arrives", () => mailWith("hub", `hatch-${laptop}`));
        assert.match(mail, /^Return-Path: <bob@example\.com>$|^\S*bob@example\.com /m);
        const swaks = (words: string) =>
            tryOn(laptop, `swaks --to alice@example.com --quit-after RCPT ${words} 2>&1`).out;
        assert.match(swaks("--server 127.0.0.1 --from eve@example.net"), /554 5\.7\.1 .*not from here/);
        assert.match(swaks("--server 127.0.0.1 --from mallory@example.net"), /554 5\.7\.1 .*not her/);
        assert.match(
            swaks("--server 127.0.0.1 --local-interface 127.0.0.9 --from bob@example.com"),
            /554 5\.7\.1 .*no such client/,
        );
        // The service of our own is free of the one restriction and has its own banner.
        const own = swaks("--server 127.0.0.1:2525 --from eve@example.net");
        assert.match(own, new RegExp(`220 ${laptop}\\.example\\.com ready`));
        assert.match(own, /250 2\.1\.5 Ok/);
        assert.match(on(laptop, "postconf -M smtp/unix 2>/dev/null"), /^smtp +unix +- +- +n +- +7 +smtp$/m);
        const types: string[] = indexed[postfix] ?? [];
        const files = on(
            laptop,
            "stat -c '%a %U %n' /etc/postfix/pulumi/*/*/ /etc/postfix/pulumi/laptop*/*/*",
        );
        assert.doesNotMatch(files.replace(/^(600|700) root .*$/gm, ""), /\S/, files);
        assert.match(files, types.includes("hash") ? /rewritten\.db$/m : /rewritten\.lmdb$/m);
        const said = complaints(laptop, mark);
        // Berkeley DB is told off on 3.11 alone, and is not used there.
        assert.deepEqual(said, []);
    });
}

test("a second up changes nothing, a refresh finds no drift", async () => {
    await succeeds(stack.up("--skip-preview", "--refresh", "--expect-no-changes"));
});

test("a table that somebody edits is drift of that entry, and up repairs it", async () => {
    const laptop = releases[1]?.laptop ?? "";
    on(laptop, "sed -i 's/alice@example.com/eve@example.net/' /etc/postfix/pulumi/*/*/aliases");
    const seen = await succeeds(stack.preview("--refresh", "--diff"));
    assert.match(
        seen,
        new RegExp(`team@${laptop}\\.example\\.com *: "eve@example\\.net" => "alice@example\\.com"`),
    );
    await succeeds(stack.up("--skip-preview", "--refresh"));
    assert.match(
        on(laptop, `postmap -q team@${laptop}.example.com "$(postconf -h virtual_alias_maps)"`),
        /alice@example\.com/,
    );
});

test("a secret value of a table stays one: in the state, in what is shown, in the logs; a changed one arrives", async () => {
    const laptop = releases[3]?.laptop ?? "";
    await configure((postfix) =>
        postfix === "3.11" ? { settings: { smtp_sasl_password_maps: "@{isp}" } } : {},
    );
    const path = `postfix-stacks:laptops.${laptop}.tables.isp.entries.isp`;
    await succeeds(stack.run(["config", "set", "--secret", "--path", path], "bob:hunter2-secret"));
    const mark = endOfLog(laptop);
    const shown = await succeeds(stack.up("--diff"));
    const state = await succeeds(stack.exportState());
    assert.doesNotMatch(shown + state + on(laptop, `tail -c +${mark} /var/log/mail.log`), /hunter2-secret/);
    assert.match(
        on(laptop, 'postmap -q isp "$(postconf -h smtp_sasl_password_maps 2>/dev/null)"'),
        /^bob:hunter2-secret$/m,
    );
});

test("a setting that is taken out gets its old value back: the admin's, or the default", async () => {
    const laptops = releases.map(({ laptop }) => laptop);
    await configure(() => ({ settings: { message_size_limit: "20480001" } }));
    await succeeds(stack.up("--skip-preview"));
    for (const laptop of laptops) assert.equal(value(laptop, "message_size_limit"), "20480001");
    for (const laptop of laptops) assert.equal(value(laptop, "header_size_limit"), "204802");
    const withoutLimit = Object.fromEntries(
        releases.map(({ postfix, laptop }) => {
            const { settings, ...args } = laptopOf(postfix, laptop) as { settings: Args };
            const { header_size_limit: _, ...rest } = settings;
            return [laptop, { ...args, settings: rest }];
        }),
    );
    await stack.machines(hub, withoutLimit);
    await succeeds(stack.up("--skip-preview"));
    for (const laptop of laptops) assert.equal(value(laptop, "header_size_limit"), "204801");
    for (const laptop of laptops) assert.equal(value(laptop, "message_size_limit"), "10240000");
    send(laptops[0] ?? "", "hatch-last");
    await eventually("mail still leaves", () => mailWith("hub", "hatch-last"));
});

test("destroy gives both files of every host back", async () => {
    await succeeds(stack.destroy());
    for (const host of hosts) {
        assert.equal(configuration(host), untouched.get(host), host);
        assert.equal(litter(host), "", host);
    }
});
