import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { trimSpace } from "../../postfix/logical-lines";
import { pathStep } from "../../postfix/problems";
import { hostileTexts } from "../provider/host/hostile-fields";
import { DirectProvider, type Kept, reached, type Values } from "./direct";
import { configuration, litter, on, readOn, tryOn } from "./lab";
import { addReleases, releases } from "./releases";

let provider: DirectProvider;
/** What is not refused before a host is asked. */
const possible: Case[] = [];
let refused = 0;

before(async () => {
    addReleases();
    provider = await DirectProvider.start();
    for (const one of texts.flatMap(casesOf)) {
        const faults = await provider.check(withCases("hub", [one]));
        if (faults.length === 0) possible.push(one);
        else refused++;
    }
});
after(() => provider.stop());

/** Each text makes a file of its own, wherever the shell that takes it for a command stands; see `canaries`. */
const texts = hostileTexts("/tmp/pwned pwned /etc/postfix/pwned").filter((text) => !/\p{Cs}/u.test(text));

const canaries = (host: string): string =>
    on(host, "find / -xdev -name 'pwned*' -not -path '/proc/*' 2>/dev/null; ls / | grep pwned || :");

/** One place that a text gets into; what Postfix's own tools must make of it on the host. */
interface Case {
    path: string;
    put: (inputs: Values) => void;
    seen?: (look: (command: string) => string) => string;
    meant?: string;
}

const map = (inputs: Values, name: string) => inputs[name] as Values;

/** Text number `index` in each place that takes a text of any kind. */
function casesOf(text: string, index: number): Case[] {
    const [service, table, rules] = [`hostile${index}/unix`, `table${index}`, `rules${index}`];
    const daemon = (more: Values): Values => ({ command: "smtp", options: {}, ...more });
    const value = oneBlank(text);
    return [
        {
            path: `main.pulumi_hostile${index}`,
            put: (inputs) => Object.assign(map(inputs, "main"), { [`pulumi_hostile${index}`]: text }),
            // Only what is read is printed, and what is no macro cannot be read: that is looked up in the file.
            seen: (look) =>
                lineOf(
                    look(text.includes("$") ? "cat /etc/postfix/main.cf" : "postconf -n"),
                    `pulumi_hostile${index} =`,
                ),
            meant: value,
        },
        {
            path: `services${pathStep(service)}.options.smtp_helo_name`,
            put: (inputs) =>
                Object.assign(map(inputs, "services"), {
                    [service]: daemon({ options: { smtp_helo_name: text } }),
                }),
            seen: (look) => lineOf(look("postconf -P"), `${service}/smtp_helo_name =`),
            meant: value,
        },
        {
            path: `services${pathStep(`argument${index}/unix`)}.command`,
            put: (inputs) =>
                Object.assign(map(inputs, "services"), {
                    [`argument${index}/unix`]: daemon({ command: `pipe user=nobody argv=/bin/true ${text}` }),
                }),
            seen: (look) => lineOf(look("postconf -F"), `argument${index}/unix/command =`),
            meant: oneBlank(`pipe user=nobody argv=/bin/true ${text}`),
        },
        {
            path: `tables.${table}.entries.key`,
            put: (inputs) =>
                Object.assign(map(inputs, "tables"), { [table]: { type: "hash", entries: { key: text } } }),
            seen: (look) => lineOf(look(allEntries), `${table}:`),
            meant: `${oneBlank(`key\t${text}`)}|`,
        },
        {
            path: `tables.keys.entries${pathStep(text)}`,
            put: (inputs) =>
                Object.assign(map(map(map(inputs, "tables"), "keys") as Values, "entries"), {
                    [text]: "value",
                }),
        },
        {
            path: `tables.${rules}.text`,
            put: (inputs) =>
                Object.assign(map(inputs, "tables"), { [rules]: { type: "regexp", text: `/^a$/ ${text}` } }),
        },
    ];
}

/** What postmap(1) has made of each table, behind its name: each of its lines with a | at its end. */
const allEntries = `cd /etc/postfix/pulumi/hostile-*/*/ && for table in table*.db; do
    printf '%s: ' "\${table%.db}" && postmap -s "hash:\${table%.db}" | tr '\\n' '|' && echo; done`;

const oneBlank = (text: string): string => trimSpace(text.replace(/[ \t]+/g, " "));

const lineOf = (printed: string, start: string): string => {
    const line = printed.split("\n").find((candidate) => candidate.startsWith(start));
    return line === undefined ? "nothing" : oneBlank(line.slice(start.length));
};

const base = (host: string): Values => ({
    owner: "hostile",
    role: "smartHost",
    takeOver: [],
    onDelete: "stop",
    allowUnknown: true,
    main: {},
    services: {},
    tables: { keys: { type: "hash", entries: { key: "value" } } },
    ...reached(host),
});

function withCases(host: string, cases: Case[]): Values {
    const inputs = base(host);
    for (const { put } of cases) put(inputs);
    return inputs;
}

for (const { postfix, hub } of releases) {
    describe(`hostile input on Postfix ${postfix}`, () => {
        let stood = "";
        let kept: Kept;
        let written: Case[] = [];

        before(() => {
            stood = configuration(hub);
        });

        test("what could make more than a text of itself is refused before anything changes", async () => {
            assert.ok(refused > 40, `${refused} are refused, ${possible.length} possible`);
            // The rest is judged with the host in sight, and what is refused there is left out.
            written = possible;
            for (let round = 0; round < 3; round++) {
                const said = await provider.preview(withCases(hub, written)).then(
                    () => "",
                    (error: { details?: string }) => error.details ?? "",
                );
                if (said === "") break;
                written = written.filter(({ path }) => !said.includes(`${path}:`));
            }
            assert.ok(written.length > 60, `${written.length} of ${possible.length} are left`);
            assert.equal(configuration(hub), stood);
            assert.equal(canaries(hub), "");
        });

        test("what is written is executed by nobody, and is one text to Postfix, character by character", async () => {
            const from = readOn(hub, "/var/log/mail.log").length;
            kept = await provider.create(withCases(hub, [...written, reader(written)]));
            assert.equal(canaries(hub), "");
            const read = new Map<string, string>();
            const look = (command: string): string => {
                const text = read.get(command) ?? on(hub, command);
                read.set(command, text);
                return text;
            };
            for (const { path, seen, meant } of written) if (seen) assert.equal(seen(look), meant, path);
            const lines = look("cat /etc/postfix/main.cf");
            for (const name of look("postconf -n").match(/^\S+(?= =)/gm) ?? [])
                assert.match(lines, new RegExp(`^${name}[ \t]*=`, "m"), `${name} is set by nobody`);
            assert.doesNotMatch(readOn(hub, "/var/log/mail.log").slice(from), /(fatal|panic): /);
        });

        test("a user with a command in the name is refused by the host, and runs nothing", async () => {
            for (const user of [
                "$(touch${IFS}/tmp/pwned)",
                "`touch${IFS}/tmp/pwned`",
                "-oProxyCommand=x",
                "root;id",
            ]) {
                const inputs = base(hub);
                Object.assign(map(inputs, "connection"), { user });
                assert.deepEqual(await provider.check(inputs), []);
                await assert.rejects(provider.preview(inputs), /login as .* refused/);
            }
            assert.equal(canaries(hub), "");
            assert.equal(tryOn("outside", "ls /tmp/pwned").code, 2);
        });

        test("a second change finds nothing to do, and without it the host is as it was", async () => {
            assert.deepEqual(await provider.diff(kept, kept.inputs), []);
            assert.deepEqual((await provider.read(kept))?.inputs, kept.inputs);
            await provider.delete(kept);
            assert.equal(configuration(hub), stood);
            assert.equal(litter(hub), "");
            assert.equal(canaries(hub), "");
        });
    });
}

/** A setting that reads all of those which Postfix would otherwise not print. */
function reader(cases: Case[]): Case {
    const names = cases
        .filter(({ meant = "" }) => !meant.includes("$"))
        .flatMap(({ path }) => /^main\.(\w+)$/.exec(path)?.[1] ?? []);
    return {
        path: "",
        put: (inputs) =>
            Object.assign(map(inputs, "services"), {
                "reader/unix": {
                    command: "smtp",
                    options: { smtp_helo_name: names.map((name) => `$${name}`).join(" ") },
                },
            }),
    };
}
