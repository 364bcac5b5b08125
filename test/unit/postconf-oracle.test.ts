import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { originalView } from "../../postfix/fragment/read";
import { rewrite } from "../../postfix/fragment/rewrite";
import { trimSpace } from "../../postfix/logical-lines";
import { parseMainCf, splitDefinition } from "../../postfix/main-cf";
import {
    columnsOf,
    type MasterService,
    parseMasterCf,
    renderService,
    serviceColumns,
} from "../../postfix/master-cf";
import type { ServiceSettings } from "../../postfix/settings";
import { decodeBytes, encodeBytes } from "../../provider/host/bytes";
import {
    anyMainCfBytes,
    brokenMasterCfBytes,
    mainCfBytes,
    masterCfBytes,
    optionValue,
    settingValue,
} from "./host-files";
import type { Postconf } from "./postconf";
import { runs, seedText } from "./properties";
import {
    asMessage,
    dictionaryOf,
    line,
    loose,
    oneBlank,
    property,
    type Reading,
    read,
    skip,
} from "./readings";

let generated = 0;
let edited = 0;

/** The definitions as postconf tells them, by our own reading. */
function ownReading(text: string): Reading {
    const { settings } = parseMainCf(text);
    const last = new Map<string, string>();
    const overridden: string[] = [];
    for (const { name, value, first } of settings) {
        const before = last.get(name);
        if (before !== undefined && before !== value)
            overridden.push(`${first + 1}: overriding earlier entry: ${asMessage(`${name}=${before}`)}`);
        last.set(name, value);
    }
    return { used: last, unused: [], overridden };
}

describe("Postfix reads a file as we do", { concurrency: true, skip }, () => {
    property("settings of main.cf", 7000, async (postconf, numRuns) => {
        await fc.assert(
            fc.asyncProperty(mainCfBytes, async (mainCf) => {
                generated++;
                const reading = await read(postconf, mainCf);
                assert.ok("used" in reading, JSON.stringify(reading));
                const own = ownReading(decodeBytes(mainCf));
                assert.deepEqual(reading.overridden.map(loose), own.overridden.map(loose));
                const unused = new Set(reading.unused.map(loose));
                for (const [name, value] of own.used) {
                    const used = reading.used.get(name);
                    if (used !== undefined) assert.equal(oneBlank(used), line(name, value));
                    else assert.ok(unused.has(loose(asMessage(`${name}=${value}`))), name);
                }
                assert.equal(reading.used.size + reading.unused.length, own.used.size);
            }),
            runs(numRuns),
        );
    });

    property("a line of main.cf that ends Postfix", 120, async (postconf, numRuns) => {
        await fc.assert(
            fc.asyncProperty(anyMainCfBytes, async (mainCf) => {
                generated++;
                const [broken] = parseMainCf(decodeBytes(mainCf)).broken;
                const reading = await read(postconf, mainCf);
                assert.equal("fatal" in reading ? reading.fatal : undefined, broken?.line);
            }),
            runs(numRuns),
        );
    });

    property("services of master.cf", 3000, async (postconf, numRuns) => {
        await fc.assert(
            fc.asyncProperty(masterCfBytes, async (masterCf) => {
                generated++;
                const { services, broken } = parseMasterCf(decodeBytes(masterCf));
                assert.deepEqual(broken, []);
                const printed = await fields(postconf, masterCf);
                const commands = printed.filter((field) => /^\S+\/command = /.test(field));
                for (const [index, service] of services.entries()) {
                    const words = oneBlank([service.command, ...shownWords(service)].join(" "));
                    const command = commands[index]?.replace(/^.*?\/command = /, "");
                    assert.equal(oneBlank(withoutOptions(command ?? "", service)), words);
                }
                assert.deepEqual(
                    printed.map((field) => field.replace(/^(\S+\/command = \S+).*/, "$1")),
                    services.flatMap(ownFields),
                );
                // Of several services of one name postconf tells the options of one, and several times.
                const names = new Set(services.map(({ service, type }) => `${service}/${type}`));
                if (names.size < services.length) return;
                const options = await lines(postconf, masterCf, "-P");
                assert.deepEqual(options.sort(), ownOptions(services).sort());
            }),
            runs(numRuns),
        );
    });

    property("a line of master.cf that Postfix refuses", 120, async (postconf, numRuns) => {
        await fc.assert(
            fc.asyncProperty(brokenMasterCfBytes, async (masterCf) => {
                generated++;
                const { broken } = parseMasterCf(decodeBytes(masterCf));
                const { status, stderr } = await postconf.ask({ masterCf }, "-M");
                const messages = stderr.toString("latin1");
                const refused = status !== 0 || / '\}' in /.test(messages);
                assert.equal(refused, broken.length > 0, messages);
                const at = /line (\d+): bad field count/.exec(messages)?.[1];
                if (at !== undefined)
                    assert.ok(
                        broken.some((found) => found.line === Number(at)),
                        messages,
                    );
            }),
            runs(numRuns),
        );
    });
});

async function lines(postconf: Postconf, masterCf: Buffer, option: string): Promise<string[]> {
    const { status, stdout, stderr } = await postconf.ask({ masterCf }, option);
    assert.equal(status, 0, stderr.toString("latin1"));
    return decodeBytes(stdout).split("\n").slice(0, -1).map(oneBlank);
}

const fields = (postconf: Postconf, masterCf: Buffer): Promise<string[]> => lines(postconf, masterCf, "-F");

/** How postconf prints an argument: with braces where there is more than one word in it. */
const shown = (argument: string): string => (/[ \t\r\n]/.test(argument) ? `{${argument}}` : argument);

/** Of the first word that is no flag it leaves the braces out. */
function shownWords({ words }: MasterService): string[] {
    const first = words.findIndex((word) => !word.startsWith("-") || word === "--");
    return words.map((word, index) => (index === first ? word : shown(word)));
}

function ownFields(service: MasterService): string[] {
    const columns = Object.entries(columnsOf(service));
    const at = `${service.service}/${service.type}`;
    const all = [
        `${at}/service = ${service.service}`,
        `${at}/type = ${service.type}`,
        ...columns.map(([name, value]) => `${at}/${name} = ${value}`),
        `${at}/command = ${service.command}`,
    ];
    return all.map(oneBlank);
}

/** The options taken out of postconf's text of a command, one after the other: what is left are the other words. */
function withoutOptions(command: string, { options }: MasterService): string {
    return options.reduce((left, { name, value }) => {
        const option = ` -o ${oneBlank(shown(`${name}=${value}`))}`;
        assert.ok(left.includes(option), `${option} in ${left}`);
        return left.replace(option, () => "");
    }, command);
}

function ownOptions(services: MasterService[]): string[] {
    const last = new Map<string, string>();
    for (const { service, type, options } of services)
        for (const { name, value } of options) last.set(`${service}/${type}/${name}`, value);
    return [...last].map(([name, value]) => line(name, value));
}

/** One owner's wish for a file: what it sets, and which other names must yield to it. */
interface Wish {
    owner: string;
    /** Nothing: the owner leaves. */
    block?: { settings: [name: string, value: string][]; yielding: string[] };
}

/** No parameter is of two owners: how they share one is not the editor's business. */
const owners: Record<string, string[]> = {
    "alice-00aa11bb": ["relayhost", "smtp_tls_security_level", "x"],
    "hub-3f9a1c2b": ["mynetworks", "transport_maps", "pulumi_y"],
    "z-99999999": ["mydestination", "biff"],
};

const wish = fc.constantFrom(...Object.keys(owners)).chain((owner) =>
    fc.record({
        owner: fc.constant(owner),
        block: fc.option(
            fc.record({
                settings: fc
                    .subarray(owners[owner] ?? [])
                    .chain((names) =>
                        fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), settingValue))),
                    ),
                yielding: fc.subarray(["x-y", "$x", "grüße", "relayhost", "mynetworks", "biff"]),
            }),
            { nil: undefined, freq: 3 },
        ),
    }),
);

const definedName = (text: string): string => {
    const definition = splitDefinition(text);
    return typeof definition === "string" ? "" : definition.name;
};

describe("Postfix reads an edited file as it was meant", { concurrency: true, skip }, () => {
    property("owners of main.cf come, change and leave", 900, async (postconf, numRuns) => {
        const steps = fc.array(wish, { minLength: 1, maxLength: 5 });
        await fc.assert(
            fc.asyncProperty(mainCfBytes, steps, async (mainCf, wishes) => {
                generated++;
                const before = decodeBytes(mainCf);
                const original = await dictionaryOf(postconf, before);
                const present = new Map<string, NonNullable<Wish["block"]>>();
                let text = before;
                for (const { owner, block } of wishes) {
                    edited++;
                    if (block) present.set(owner, block);
                    else present.delete(owner);
                    text = edit(text, owner, block);
                    assert.equal(originalView(text), before);
                    const wanted = new Map(original);
                    for (const { settings, yielding } of present.values())
                        for (const name of [...yielding, ...settings.map(([name]) => name)])
                            wanted.delete(asMessage(name));
                    const live = await dictionaryOf(postconf, text);
                    for (const { settings } of present.values()) {
                        for (const [name, value] of settings) {
                            const said = live.get(name) ?? "";
                            if (said.startsWith(`${name} =`)) assert.equal(said, line(name, value));
                            else assert.equal(said, asMessage(trimSpace(`${name}=${trimSpace(value)}`)));
                            live.delete(name);
                        }
                    }
                    assert.deepEqual(live, wanted);
                }
                for (const owner of present.keys()) text = rewrite(text, owner, undefined);
                assert.deepEqual(encodeBytes(text), Buffer.from(mainCf));
            }),
            runs(numRuns),
        );
    });
});

/** A service of ours, and what postconf is to print of it. */
const ownService = fc
    .record({
        type: fc.constantFrom("inet", "unix"),
        words: fc.constantFrom("smtpd", "smtp -v", "pipe flags=X user=y argv=/z {a b}"),
        options: fc.dictionary(
            fc.constantFrom("smtpd_tls_security_level", "x_1", "syslog_name"),
            optionValue,
            {
                noNullPrototype: true,
            },
        ),
        chroot: fc.constantFrom("y", "n", undefined),
        wakeup: fc.constantFrom("60", "1000?", undefined),
    })
    .map(({ type, words, options, ...columns }) => ({
        type,
        settings: { command: words, options, ...columns },
    }));

function wantedFields(at: string, { type, settings }: { type: string; settings: ServiceSettings }): string[] {
    const [daemon, ...words] = settings.command.split(" ");
    const options = Object.entries(settings.options).map(
        ([name, value]) => `-o ${shown(`${name}=${trimSpace(value)}`)}`,
    );
    const text = words[0]?.startsWith("-") ? [...words, ...options] : [...options, ...words];
    const fields = [
        ["service", at.slice(0, at.indexOf("/"))],
        ["type", type],
        ...Object.entries(serviceColumns(type, settings)),
        ["command", [daemon, ...text].join(" ")],
    ];
    return fields.map(([name, value]) => oneBlank(`${at}/${name} = ${value}`));
}

const masterOwners: Record<string, string> = {
    "alice-00aa11bb": "smtp",
    "hub-3f9a1c2b": "587",
    "z-99999999": "9587",
};

describe("Postfix reads an edited master.cf as it was meant", { concurrency: true, skip }, () => {
    property("owners of master.cf come, change and leave", 900, async (postconf, numRuns) => {
        const step = fc.record({
            owner: fc.constantFrom(...Object.keys(masterOwners)),
            service: fc.option(ownService, { nil: undefined, freq: 3 }),
        });
        await fc.assert(
            fc.asyncProperty(
                masterCfBytes,
                fc.array(step, { minLength: 1, maxLength: 4 }),
                async (masterCf, steps) => {
                    generated++;
                    const before = decodeBytes(masterCf);
                    const original = await fields(postconf, masterCf);
                    const present = new Map<string, string[]>();
                    let text = before;
                    for (const { owner, service } of steps) {
                        edited++;
                        const at = `${masterOwners[owner]}/${service?.type}`;
                        if (service) present.set(owner, wantedFields(at, service));
                        else present.delete(owner);
                        text = rewrite(
                            text,
                            owner,
                            service && {
                                instance: "0123456789abcdef",
                                body: renderService(at, service.settings),
                                hides: ({ text }) => text.split(/[ \t]+/, 2).join("/") === at,
                            },
                        );
                        assert.equal(originalView(text), before);
                        const ours = [...present.values()];
                        const left = original.filter(
                            (field) =>
                                !ours.some(([first = ""]) =>
                                    field.startsWith(first.replace(/service = .*/, "")),
                                ),
                        );
                        assert.deepEqual(
                            (await fields(postconf, encodeBytes(text))).sort(),
                            [...left, ...ours.flat()].sort(),
                        );
                    }
                    for (const owner of present.keys()) text = rewrite(text, owner, undefined);
                    assert.deepEqual(encodeBytes(text), Buffer.from(masterCf));
                },
            ),
            runs(numRuns),
        );
    });
});

function edit(text: string, owner: string, block: Wish["block"]): string {
    if (!block) return rewrite(text, owner, undefined);
    const names = new Set([...block.yielding, ...block.settings.map(([name]) => name)]);
    return rewrite(text, owner, {
        instance: "0123456789abcdef",
        body: block.settings.map(([name, value]) => trimSpace(`${name} = ${value}`)),
        hides: ({ text: line }) => names.has(definedName(line)),
    });
}

test("at least 10,000 generated files were read", { skip }, (t) => {
    t.diagnostic(`${generated} generated files, ${edited} edited ones; ${seedText}`);
    assert.ok(generated >= 10_000, `${generated}`);
});
