import assert from "node:assert/strict";
import { test } from "node:test";
import { trimSpace } from "../../postfix/logical-lines";
import { decodeBytes, encodeBytes } from "../../provider/host/bytes";
import { installations, Postconf } from "./postconf";

// What Postfix itself reads out of a file is the only thing that counts.
const found = installations();

/** For tests that need a Postfix to ask. */
export const skip =
    found.length > 0 ? false : "no postconf on this machine, and no lab host's root in the cache";

/** Some properties, each tried with its own files by every Postfix that is there: `count` files in all. */
export function property(
    name: string,
    count: number,
    body: (postconf: Postconf, numRuns: number) => Promise<void>,
) {
    for (const installation of found) {
        test(`${name}: Postfix ${installation.version}`, async () => {
            const postconf = new Postconf(installation);
            await body(postconf, Math.ceil(count / found.length)).finally(() => postconf.close());
        });
    }
}

/** postconf prints one blank for all whitespace between two words. */
export const oneBlank = (value: string): string => trimSpace(value.replace(/[ \t\r\n]+/g, " "));

/** In its messages whatever is not printable ASCII becomes a question mark, a byte each. */
export const asMessage = (value: string): string =>
    encodeBytes(value)
        .toString("latin1")
        .replace(/[^\x20-\x7e]/g, "?");

/** A CR at the end of a line within a value is whitespace to Postfix, and nothing to us. */
export const loose = (message: string): string => message.replace(/[ ?]+/g, " ").trim();

/** What postconf says of a main.cf: the values that it uses, and those that nothing reads. */
export interface Reading {
    used: Map<string, string>;
    unused: string[];
    /** Line and text of each definition that does not count. */
    overridden: string[];
}

export async function read(postconf: Postconf, mainCf: Buffer): Promise<Reading | { fatal: number }> {
    const { status, stdout, stderr } = await postconf.ask({ mainCf }, "-n");
    const messages = stderr.toString("latin1");
    const fatal = /fatal: \S*main\.cf, line (\d+): missing/.exec(messages)?.[1];
    if (fatal !== undefined) return { fatal: Number(fatal) };
    assert.equal(status, 0, messages);
    const printed = decodeBytes(stdout).split("\n").slice(0, -1);
    const used = new Map(printed.map((line) => [line.split(/ =(?: |$)/, 1)[0] ?? "", line]));
    used.delete("config_directory");
    const told = (pattern: RegExp) => [...messages.matchAll(pattern)].map(([, text = ""]) => text);
    return {
        used,
        unused: told(/main\.cf: unused parameter: (.*)/g),
        overridden: told(/main\.cf, line (\d+: overriding earlier entry: .*)/g),
    };
}

export const line = (name: string, value: string): string => oneBlank(`${name} = ${value}`);

/** What is read by name; of names and of values that nothing reads postconf shows the ASCII only. */
function dictionary({ used, unused }: Reading): Map<string, string> {
    const told = unused.map((text): [string, string] => [text.split("=", 1)[0] ?? "", text]);
    const printed = [...used].map(([name, text]): [string, string] => [asMessage(name), oneBlank(text)]);
    return new Map([...printed, ...told]);
}

export async function dictionaryOf(postconf: Postconf, text: string): Promise<Map<string, string>> {
    const reading = await read(postconf, encodeBytes(text));
    assert.ok("used" in reading, JSON.stringify(reading));
    return dictionary(reading);
}
