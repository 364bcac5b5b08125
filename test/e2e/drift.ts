import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { joinPath, pathStep } from "../../postfix/problems";
import { secretKey } from "../provider/grpc/harness";
import type { DirectProvider, Kept, Values } from "./direct";
import { on, startPerl } from "./lab";

/** What somebody does to a host, and what a refresh then shows. */
export interface Row {
    title: string;
    /** A line of shell, run in /etc/postfix; $owner and $live are our folders, main.cf and master.cf look old afterwards. */
    spoil: string;
    /** Each property of the state that is shown, and what its old value becomes; nothing else may be. */
    shows: Record<string, (old: unknown) => unknown>;
    /** A line of somebody's that stays in main.cf, commented out: how it begins. */
    leaves?: string;
}

export const becomes = (value: unknown) => () => value;
export const gone = becomes(undefined);
/** What is wrong with the file of a text stands behind the text. */
export const remarked = (words: string) => (old: unknown) => `${old}\n(${words})`;
/** What others have set in main.cf, with one line more. */
export const joinedBy = (line: string) => (old: unknown) => [...(old as string[]), line];

/** A `Host` of a test, as it stands on the machine and in the state. */
export interface Standing {
    host: string;
    kept: Kept;
    wanted: Values;
}

const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

function revealed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(revealed);
    if (!isMap(value)) return value;
    if (secretKey in value) return revealed(value.value);
    return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, revealed(below)]));
}

/** Every path at which two values differ, with both. */
function differences(before: unknown, after: unknown, path = ""): Record<string, [unknown, unknown]> {
    const [a, b] = [revealed(before), revealed(after)];
    if (isDeepStrictEqual(a, b)) return {};
    const lists = Array.isArray(a) && Array.isArray(b) && isMap(a[0]);
    if (!lists && !(isMap(a) && isMap(b))) return { [path]: [a, b] };
    const [left, right] = [a, b] as Record<string, unknown>[];
    const found = [...new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])].map((key) =>
        differences(left?.[key], right?.[key], joinPath(path, pathStep(lists ? Number(key) : key))),
    );
    return Object.assign({}, ...found);
}

/** What a refresh says beside the settings; the last two are for the reader and never a reason for a change. */
const besideSettings = ["spoiled", "provenBy", "unmanaged", "postfixVersion"];
const forTheReader = besideSettings.slice(2);

/**
 * All that is ours on a host and both files of Postfix, byte for byte, without the random names; an index by what it
 * says, because no two builds of one are alike; of the previous generation what others could read.
 */
export function filesOf({ host, kept }: Standing): string {
    const [owner = "", instance = ""] = kept.id.split("/");
    const generation = String(kept.outputs.generation);
    const text = on(
        host,
        `cd /etc/postfix && cat main.cf master.cf
        stat -c '%a %U:%G %n' main.cf master.cf pulumi pulumi/backup pulumi/backup/first pulumi/${owner}
        for live in pulumi/${owner}/${generation} pulumi-sasl/${owner}/${generation}; do
            [ -d $live ] || continue
            find $live -printf '%m %u:%g %p\\n' | sort
            for file in $live/*; do case $file in
            *.db) postmap -s hash:$PWD/\${file%.db} | sort ;;
            */sasldb2) sasldblistusers2 -f $file ;;
            */built.sums) ;;
            */smtpd.conf) cat $file ;;
            *) sha256sum $file ;;
            esac; done
        done
        find pulumi ! -path 'pulumi/backup/*/*' '(' -perm /077 -o ! -user root -o ! -group root ')'
        [ ! -d pulumi-sasl ] || find pulumi-sasl -perm /027 -o ! -user root -o ! -group postfix`,
    );
    return text.replaceAll(generation, "GENERATION").replaceAll(instance, "INSTANCE");
}

export function spoil({ host, kept }: Standing, line: string): void {
    const [owner = ""] = kept.id.split("/");
    on(
        host,
        `cd /etc/postfix && owner=pulumi/${owner} && live=$owner/${kept.outputs.generation} && { ${line}\n} &&
        touch -d '1 minute ago' main.cf master.cf`,
    );
}

/** In Perl: each text that the two files had while it ran, by length and sum, until it is killed. */
const watching = `sub sums { for my $file ("main.cf", "master.cf") { open(my $in, "<", "/etc/postfix/$file") or next; local $/;
    my $text = <$in>; my $sum = "$file " . length($text) . " " . unpack("%64C*", $text); $seen{$sum}++ or print "$sum\\n"; } }`;
const sums = (host: string): string[] => on(host, `perl -e '${watching} sums()'`).split("\n").filter(Boolean);

/** Makes a repair, and says which texts of main.cf and master.cf there were meanwhile beside those before and after it. */
async function watched<T>(host: string, repair: () => Promise<T>): Promise<{ result: T; others: string[] }> {
    const before = sums(host);
    const pid = startPerl(
        host,
        `open(STDOUT, ">", "/run/seen"); $| = 1; ${watching} while (1) { sums(); select(undef, undef, undef, 0.002) }`,
    );
    try {
        const result = await repair();
        const expected = [...before, ...sums(host)];
        const seen = on(host, "cat /run/seen").split("\n").filter(Boolean);
        assert.ok(seen.length >= 2, "the watcher saw nothing");
        return { result, others: seen.filter((sum) => !expected.includes(sum)) };
    } finally {
        on(host, `kill ${pid}; rm -f /run/seen`);
    }
}

/** A refresh after this row's spoiling: shows exactly what it says, also when made again, and it is what an up would change. */
export async function showsExactly(
    provider: DirectProvider,
    standing: Standing,
    { shows }: Row,
): Promise<Kept> {
    const { kept, wanted } = standing;
    const seen = await provider.read(kept);
    assert.ok(seen, "the fragment is there");
    const shown = differences(kept.outputs, seen.outputs);
    assert.deepEqual(Object.keys(shown).sort(), Object.keys(shows).sort());
    for (const [path, [old, now]] of Object.entries(shown)) assert.deepEqual(now, shows[path]?.(old), path);
    const settings = Object.entries(shown).filter(
        ([path]) => !besideSettings.includes(path.replace(/[.[].*/, "")),
    );
    assert.deepEqual(differences(kept.inputs, seen.inputs), Object.fromEntries(settings));
    const again = await provider.read(seen);
    assert.deepEqual(differences(seen.outputs, again?.outputs), {});
    const changed = Object.keys(shows).filter((path) => !forTheReader.includes(path));
    const paths = await provider.diff(seen, wanted);
    const below = (path: string, top: string) =>
        path === top || path.startsWith(`${top}.`) || path.startsWith(`${top}[`);
    for (const path of paths)
        assert.ok(
            changed.some((top) => below(path, top)),
            `${path} is none of it`,
        );
    for (const top of changed)
        assert.ok(
            paths.some((path) => below(path, top)),
            `${top} is left out`,
        );
    return seen;
}

/** Spoils the host, and sees that a refresh shows it and an up puts back what stood there, and nothing in between. */
export async function showsAndRepairs(provider: DirectProvider, standing: Standing, row: Row): Promise<void> {
    const { host, wanted } = standing;
    const before = filesOf(standing);
    spoil(standing, row.spoil);
    const seen = await showsExactly(provider, standing, row);
    const { result, others } = await watched(host, () => provider.update(seen, wanted));
    standing.kept = result;
    assert.deepEqual(
        others,
        [],
        "main.cf and master.cf were as they were spoiled or as they are to be, and nothing else",
    );
    await isRight(provider, standing);
    if (row.leaves) {
        assert.match(
            on(host, "cat /etc/postfix/main.cf"),
            new RegExp(`^#pulumi-postfix\\([^)]*\\)# ${row.leaves}`, "m"),
        );
        spoil(standing, `sed -i '/^#pulumi-postfix([^)]*)# ${row.leaves}/d' main.cf`);
    }
    assert.equal(filesOf(standing), before);
}

/** A refresh shows nothing, and there is nothing to do. */
export async function isRight(provider: DirectProvider, { kept, wanted }: Standing): Promise<void> {
    assert.deepEqual(differences(kept.outputs, (await provider.read(kept))?.outputs), {});
    assert.deepEqual(await provider.diff(kept, wanted), []);
}
