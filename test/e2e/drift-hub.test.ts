import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { secretOf } from "../provider/grpc/harness";
import { DirectProvider, type Values } from "./direct";
import { directGrant, directHub, newKeyPair } from "./direct-machines";
import { becomes, gone, type Row, remarked, type Standing, showsAndRepairs } from "./drift";
import { configuration, lab } from "./lab";

/** What somebody does to a hub: each thing shown by a refresh as it is, and put right by the next change. */
const host = "hub-drift";
const [hubKey, laptopKey] = [newKeyPair("hub"), newKeyPair("laptop")];
let original = "";
let provider: DirectProvider;
let hub: Standing;
let grant: Standing;

const tables = {
    redirects: { type: "hash", entries: { "a@example.com": "b@example.com" } },
    plain: { entries: { "c@example.com": "d@example.com" } },
    rules: { type: "regexp", text: "/^X-Old:/ IGNORE" },
    "sasl-users": { type: "sasldb", entries: { alice: secretOf("hunter2") } },
};

before(async () => {
    lab("add", host, "10.77.18.1", "--release", "bookworm-sasl");
    provider = await DirectProvider.start();
    original = configuration(host);
    const settings = {
        virtual_alias_maps: "@{redirects} @{plain}",
        header_checks: "@{rules}",
        bounce_size_limit: "50001",
    };
    const sasl = { type: "cyrus" as const, users: { alice: "hunter2" } };
    const wanted = directHub(host, hubKey, { settings, sasl }, { tables: tables as unknown as Values });
    hub = { host, wanted, kept: await provider.create(wanted) };
    const granted = directGrant("laptops", host, [{ name: "a", pins: [laptopKey.pin] }]);
    grant = { host, wanted: granted, kept: await provider.create(granted) };
});
after(() => provider.stop());

const inBlock = (edit: string, file: string) =>
    `sed -i '/^# BEGIN pulumi-postfix hub-/,/^# END/{${edit}}' ${file}`;
const service = 'services["587/inet"]';
const indexed = "tables.redirects.entries";

const rows: Row[] = [
    {
        title: "a value in our block of main.cf",
        spoil: inBlock("s/^bounce_size_limit = .*/bounce_size_limit = 7/", "main.cf"),
        shows: { "main.bounce_size_limit": becomes("7") },
    },
    {
        title: "an option of our service changed",
        spoil: inBlock("s/smtpd_tls_security_level=encrypt/smtpd_tls_security_level=may/", "master.cf"),
        shows: { [`${service}.options.smtpd_tls_security_level`]: becomes("may") },
    },
    {
        title: "an option of our service removed",
        spoil: inBlock("/smtpd_tls_ask_ccert/d", "master.cf"),
        shows: { [`${service}.options.smtpd_tls_ask_ccert`]: gone },
    },
    {
        title: "another command in our service",
        spoil: inBlock("s/^\\(587 .*\\) smtpd$/\\1 smtpd -v/", "master.cf"),
        shows: { [`${service}.command`]: becomes("smtpd -v") },
    },
    {
        title: "our service removed",
        spoil: inBlock("/^#/!d", "master.cf"),
        shows: { [service]: gone },
    },
    {
        title: "a line of a table changed",
        spoil: "sed -i s/d@example.com/eve@example.net/ $live/plain",
        shows: { 'tables.plain.entries["c@example.com"]': becomes("eve@example.net") },
    },
    {
        title: "a table without order missing",
        spoil: "rm $live/plain",
        shows: {
            'tables.plain.entries["c@example.com"]': gone,
            'tables.plain.entries["(plain is missing on the host)"]': becomes(""),
        },
    },
    {
        title: "a table that others may read",
        spoil: "chmod 640 $live/plain",
        shows: { 'tables.plain.entries["(plain has mode 640 root:root, not 600 root:root)"]': becomes("") },
    },
    {
        title: "a table of another user",
        spoil: "chown bob:mail $live/plain",
        shows: { 'tables.plain.entries["(plain has mode 600 bob:mail, not 600 root:root)"]': becomes("") },
    },
    {
        title: "the text of a table changed",
        spoil: "echo '/./ HOLD' >>$live/rules",
        shows: { "tables.rules.text": becomes("/^X-Old:/ IGNORE\n/./ HOLD\n") },
    },
    {
        title: "a table of rules that others may read",
        spoil: "chmod 644 $live/rules",
        shows: { "tables.rules.text": remarked("rules has mode 644 root:root, not 600 root:root") },
    },
    {
        title: "an index that says what its table does not",
        spoil: `cp -p $live/redirects keep && echo 'x@example.com eve@example.net' >>$live/redirects &&
            postmap hash:$PWD/$live/redirects && mv keep $live/redirects &&
            [ "$(postmap -q x@example.com hash:$PWD/$live/redirects 2>/dev/null)" = eve@example.net ]`,
        shows: { [`${indexed}["(redirects.db was changed on the host)"]`]: becomes("") },
    },
    {
        title: "an index missing",
        spoil: "rm $live/redirects.db",
        shows: { [`${indexed}["(the index of redirects is missing on the host)"]`]: becomes("") },
    },
    {
        title: "an index that others may read",
        spoil: "chmod 644 $live/redirects.db",
        shows: { [`${indexed}["(redirects.db has mode 644 root:root, not 600 root:root)"]`]: becomes("") },
    },
];

describe("on a hub a refresh shows, and the next change repairs,", () => {
    for (const row of rows) test(row.title, () => showsAndRepairs(provider, hub, row));

    test("a laptop that somebody lets in", () => {
        const pin = laptopKey.pin.replace(/^../, "00");
        return showsAndRepairs(provider, grant, {
            title: "",
            spoil: `echo '${pin} eve' >>$live/clients`,
            shows: { [`tables.clients.entries["${pin}"]`]: becomes("eve") },
        });
    });
});

const logins: [title: string, line: string, file: string, words: string][] = [
    ["a folder that others may enter", "chmod 755", "", "has mode 755 root:postfix, not 750 root:postfix"],
    ["a folder of another group", "chgrp mail", "", "has mode 750 root:mail, not 750 root:postfix"],
    [
        "a database that others may read",
        "chmod 644",
        "/sasldb2",
        "has mode 644 root:postfix, not 640 root:postfix",
    ],
    ["no database", "rm", "/sasldb2", "is missing"],
    ["another password", "echo other | saslpasswd2 -p -c -u laptops alice -f", "/sasldb2", "was changed"],
    ["other settings of the library", "sed -i s/LOGIN/LOGIN.ANONYMOUS/", "/smtpd.conf", "was changed"],
];
describe("of names and passwords a refresh shows, and the next change repairs,", () => {
    for (const [title, line, file, words] of logins)
        test(title, () => {
            const [owner] = hub.kept.id.split("/");
            const path = `pulumi-sasl/${owner}/${hub.kept.outputs.generation}${file}`;
            return showsAndRepairs(provider, hub, {
                title,
                spoil: `${line} ${path}`,
                shows: { spoiled: becomes([`/etc/postfix/${path} ${words}`]) },
            });
        });
});

test("after all this what we take out leaves the host as it was", async () => {
    await provider.delete(grant.kept);
    await provider.delete(hub.kept);
    assert.equal(configuration(host), original);
});
