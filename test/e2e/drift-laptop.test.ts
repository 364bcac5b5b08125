import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { DirectProvider, type Kept } from "./direct";
import { directGrant, directHub, directLaptop, newKeyPair } from "./direct-machines";
import {
    becomes,
    filesOf,
    gone,
    isRight,
    joinedBy,
    type Row,
    remarked,
    type Standing,
    showsAndRepairs,
    spoil,
} from "./drift";
import { arrives, configuration } from "./lab";

/** What somebody does to a laptop: each thing shown by a refresh as it is, and put right by the next change. */
const [hubKey, laptopKey] = [newKeyPair("hub"), newKeyPair("laptop1")];
const originals = new Map<string, string>();
let provider: DirectProvider;
let standing: Standing;
const others: Kept[] = [];

before(async () => {
    provider = await DirectProvider.start();
    for (const host of ["hub", "laptop1"]) originals.set(host, configuration(host));
    others.push(await provider.create(directHub("hub", hubKey)));
    others.push(await provider.create(directGrant("laptops", "hub", [{ name: "a", pins: [laptopKey.pin] }])));
    const wanted = directLaptop("laptop1", laptopKey, { host: "hub", pins: [hubKey.pin] });
    standing = { host: "laptop1", wanted, kept: await provider.create(wanted) };
});
after(() => provider.stop());

const key = "chains.identity[0].certificate";
const inBlock = (edit: string) => `sed -i '/^# BEGIN/,/^# END/{${edit}}' main.cf`;

const rows: Row[] = [
    {
        title: "a value in our block",
        spoil: inBlock("s/^relayhost = .*/relayhost = [evil.example]/"),
        shows: { "main.relayhost": becomes("[evil.example]") },
    },
    {
        title: "a line taken out of our block",
        spoil: inBlock("/^smtp_tls_security_level/d"),
        shows: { "main.smtp_tls_security_level": gone },
    },
    {
        title: "a line put into our block",
        spoil: inBlock("s/^# END/soft_bounce = yes\\n&/"),
        shows: { "main.soft_bounce": becomes("yes") },
    },
    {
        title: "the same parameter behind our block",
        spoil: "echo 'smtp_tls_security_level = encrypt' >>main.cf",
        shows: {
            "main.smtp_tls_security_level": becomes("encrypt"),
            unmanaged: joinedBy("smtp_tls_security_level = encrypt"),
        },
        leaves: "smtp_tls_security_level = encrypt$",
    },
    {
        title: "the same parameter before our block, where it does not count",
        spoil: "sed -i '1i relayhost = [evil.example]' main.cf",
        shows: {
            spoiled: becomes(["main.cf line 1 sets relayhost too, outside our block"]),
        },
        leaves: "relayhost = \\[evil.example\\]$",
    },
    {
        title: "a service that leads around the pin",
        spoil: "sed -i '/^# BEGIN/,/^# END/s/^smtp  *unix.*/&\\n    -o smtp_tls_security_level=may/' master.cf",
        shows: { 'services["smtp/unix"].options.smtp_tls_security_level': becomes("may") },
    },
    {
        title: "our lines of master.cf taken out",
        spoil: "sed -i '/^# BEGIN/,/^# END/{/^#/!d}' master.cf",
        shows: { 'services["smtp/unix"]': gone, 'services["relay/unix"]': gone },
    },
    {
        title: "a key that others may read",
        spoil: "chmod 644 $live/identity.pem",
        shows: { [key]: remarked("identity.pem has mode 644 root:root, not 600 root:root") },
    },
    {
        title: "a key of another user",
        spoil: "chown bob $live/identity.pem",
        shows: { [key]: remarked("identity.pem has mode 600 bob:root, not 600 root:root") },
    },
    {
        title: "another key",
        spoil: "sed -i 2d $live/identity.pem",
        shows: { [key]: remarked("identity.pem was changed on the host") },
    },
    {
        title: "no key",
        spoil: "rm $live/identity.pem",
        shows: { [key]: remarked("identity.pem is missing on the host") },
    },
];

describe("on a laptop a refresh shows, and the next change repairs,", () => {
    for (const row of rows) test(row.title, () => showsAndRepairs(provider, standing, row));

    const folders: [string, string][] = [
        ["the folder of our folders", "pulumi"],
        ["the folder of the backup", "pulumi/backup"],
        ["the backup from before us", "pulumi/backup/first"],
        ["our own folder", "$owner"],
        ["the folder of the key", "$live"],
    ];
    for (const [title, folder] of folders)
        test(`${title}, when it is another's and others may enter it`, () => {
            const [owner = ""] = standing.kept.id.split("/");
            const path = folder
                .replace("$live", `$owner/${standing.kept.outputs.generation}`)
                .replace("$owner", `pulumi/${owner}`);
            const words = `/etc/postfix/${path} has mode 755 bob:root, not 700 root:root`;
            return showsAndRepairs(provider, standing, {
                title,
                spoil: `chmod 755 ${path} && chown bob ${path}`,
                shows: { spoiled: becomes([words]) },
            });
        });

    test("the pins by which we know our fragment, missing", () =>
        showsAndRepairs(provider, standing, {
            title: "",
            spoil: "rm $live/pins",
            shows: { spoiled: becomes(["pins is missing on the host"]) },
        }));
});

describe("a fragment that is gone from a laptop is made again, and both files are as after the first create:", () => {
    const cut = (file: string) => `sed -i '/^# BEGIN pulumi-postfix/,/^# END pulumi-postfix/d' ${file}`;
    for (const [title, line] of [
        ["taken out of both files", `${cut("main.cf")} && ${cut("master.cf")}`],
        ["taken out of main.cf alone", cut("main.cf")],
    ] as const)
        test(title, async () => {
            const files = filesOf(standing);
            spoil(standing, line);
            assert.equal(await provider.read(standing.kept), undefined);
            standing.kept = await provider.create(standing.wanted);
            assert.equal(filesOf(standing), files);
            await isRight(provider, standing);
        });
});

test("after all this mail arrives, and what we take out leaves both hosts as they were", async () => {
    await arrives("laptop1", "hub", "after-all-drift");
    await provider.delete(standing.kept);
    for (const each of others.reverse()) await provider.delete(each);
    for (const [host, original] of originals) assert.equal(configuration(host), original, host);
});
