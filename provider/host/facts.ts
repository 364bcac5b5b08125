import { parseMainCf, type Setting } from "../../postfix/main-cf";
import type { NetworkFacts } from "../../postfix/network-hooks";
import { proofsTable } from "../../postfix/roles/laptop-proof";
import { clientsTable } from "../../postfix/roles/relay-access";
import { decodeBytes } from "./bytes";
import type { LyingFiles } from "./certificate-files";
import type { NamedThings } from "./plan-named";
import type { SaslFacts } from "./plan-sasl";
import { isFolderOfOurs } from "./plausible";

/** A socket that listens on a port we want, or that Postfix will when it is started, and the process that has it. */
export interface Listener {
    port: number;
    /** As the kernel prints it: hexadecimal, in the order of the machine. */
    address: string;
    pid: string;
    command: string;
}

/** A file of the live generation as it lies on the host; of a key only digest and certificates leave it. */
export interface GenerationFile {
    name: string;
    mode: string;
    owner: string;
    sha256: string;
    content: string;
}

/** Digests of what was built in the folder of keys and tables, written by the agent itself. */
export const builtSums = "built.sums";

/** A folder in which files of ours lie, or a file outside the folder of keys. */
export interface Place {
    path: string;
    mode: string;
    owner: string;
}

/** A file of an owner in the folder of a network manager; not ours if it says so nowhere. */
export interface HookFile {
    path: string;
    mode: string;
    owner: string;
    sha256: string;
    ours: boolean;
}

/** Everything that planning and drift detection know about a host: one round trip. */
export interface HostFacts {
    version: string;
    configDirectory: string;
    mainCf: string;
    masterCf: string;
    hostname: string;
    fqdn: string;
    mapTypes: string[];
    /** Of the names asked for, those that are no built-in parameter of this Postfix. */
    unknownNames: string[];
    /** Its built-in parameters, if a name is unknown: what may have been meant. */
    parameters: string[];
    /** What counts without a line in main.cf, of the names asked for. */
    defaults: Record<string, string>;
    named: NamedThings;
    running: boolean;
    /** Whether any interface has an IPv6 address; loopback has one unless IPv6 is switched off. */
    ipv6: boolean;
    /** The sendmail command that is another mail server's; else empty. */
    foreignSendmail: string;
    /** Of the running master(8), which holds all of Postfix's listening sockets; else empty. */
    masterPid: string;
    queueLength: number;
    listeners: Listener[];
    /** Public pins by `<owner>/<generation>`: how a fragment is known to be of the same program. */
    pins: Record<string, string[]>;
    generationFiles: GenerationFile[];
    /** Of each owner's live folder, where they were asked for. */
    laptops: { grants: string[]; proofs: string[] };
    /** Where these files lie, and the database of names and passwords. */
    places: Place[];
    /** Of what was built on the host, an index or that database: what is no longer as it was built. */
    altered: string[];
    /** The group of Postfix's own user, where there is such a database. */
    group?: string;
    /** What there is to bring the network up, and our hooks there. */
    network: NetworkFacts & { hooks: HookFile[] };
    /** What it can do with names and passwords; absent where nobody asked. */
    sasl?: SaslFacts;
    /** Files with keys and certificates that are not ours, as far as they were asked for. */
    lyingFiles: LyingFiles;
    /** An apply was interrupted; the next one undoes it first. */
    interrupted: boolean;
}

export function readFacts(lines: string[]): HostFacts {
    const values = new Map<string, string>();
    const blobs = new Map<string, string>();
    const listeners: Listener[] = [];
    const network: HostFacts["network"] = { there: [], flushes: [], hooks: [] };
    const named: NamedThings = { files: {}, badTables: {}, missingDaemons: {} };
    const files: { name: string; mode: string; owner: string; sha256: string }[] = [];
    const [places, altered]: [Place[], string[]] = [[], []];
    for (const line of lines) {
        const [, kind = "", mark = "", rest = ""] =
            /^([a-z][a-z0-9.]*(?: [^=:]+)?)([=:])(.*)$/.exec(line) ?? [];
        if (mark === ":") blobs.set(kind, decodeBytes(Buffer.from(rest, "base64")));
        else if (kind === "listen") {
            const [port = "", address = "", pid = "", ...command] = rest.split(" ");
            listeners.push({ port: Number(port), address, pid, command: command.join(" ") });
        } else if (kind === "badtable" || kind === "nodaemon") {
            const [, first = "", second = ""] = /^(\S+) (.*)$/.exec(rest) ?? [];
            if (kind === "badtable") named.badTables[first] = second;
            else named.missingDaemons[second] = first;
        } else if (kind === "there" || kind === "flushes") network[kind].push(rest);
        else if (kind === "hook") {
            const [mode = "", owner = "", sha256 = "", whose = "", path = ""] = rest.split(" ");
            network.hooks.push({ path, mode, owner, sha256, ours: whose === "ours" });
        } else if (kind === "file") {
            const [mode = "", owner = "", sha256 = "", name = ""] = rest.split(" ");
            files.push({ name, mode, owner, sha256 });
        } else if (kind === "altered") altered.push(rest);
        else if (kind === "place") {
            const [mode = "", owner = "", path = ""] = rest.split(" ");
            places.push({ path, mode, owner });
        } else if (mark === "=") values.set(kind, rest);
    }
    named.files = below(values, "named", readKinds);
    const pins: Record<string, string[]> = {};
    for (const [name, content] of blobs) {
        const folder = name.startsWith("pins ") ? name.slice(5) : "";
        if (isFolderOfOurs(folder)) pins[folder] = content.split("\n").filter(Boolean);
    }
    return {
        version: values.get("version") ?? "",
        configDirectory: values.get("config") ?? "/etc/postfix",
        mainCf: blobs.get("main.cf") ?? "",
        masterCf: blobs.get("master.cf") ?? "",
        hostname: values.get("hostname") ?? "",
        fqdn: values.get("fqdn") ?? "",
        mapTypes: words(values.get("maptypes")),
        unknownNames: words(values.get("unknown")),
        parameters: words(blobs.get("parameters")),
        defaults: Object.fromEntries(parseMainCf(blobs.get("defaults") ?? "").settings.map(byName)),
        named,
        running: (values.get("master") ?? "") !== "",
        ipv6: values.get("ipv6") !== "off",
        foreignSendmail: values.get("sendmail") ?? "",
        masterPid: values.get("master") ?? "",
        queueLength: Number(values.get("queue") ?? 0),
        listeners,
        pins,
        generationFiles: files.map((file) => ({ ...file, content: blobs.get(`content ${file.name}`) ?? "" })),
        laptops: {
            grants: Object.values(below(blobs, clientsTable, (text) => text)),
            proofs: Object.values(below(blobs, proofsTable, (text) => text)),
        },
        places,
        altered,
        ...(values.has("group") ? { group: values.get("group") } : {}),
        network,
        ...(values.has("sasl.server") ? { sasl: saslFacts(values) } : {}),
        lyingFiles: {
            certificates: below(blobs, "certificate", (pem) => pem),
            keyBlocks: below(values, "key", (kinds) => kinds.split(",").filter(Boolean)),
        },
        interrupted: values.has("journal"),
    };
}

/** `folder`, or `file` and what stands in it in PEM; nothing where there is nothing. */
function readKinds(kinds: string): string[] {
    const [what = "", ...blocks] = kinds.split(" ");
    return [what, ...blocks.join(" ").split(",")].filter(Boolean);
}

const byName = ({ name, value }: Setting): [string, string] => [name, value];

const words = (text = ""): string[] => text.split(/\s+/).filter(Boolean);

function saslFacts(values: Map<string, string>): SaslFacts {
    const said = (name: string) => words(values.get(`sasl.${name}`));
    return {
        serverTypes: said("server"),
        clientTypes: said("client"),
        mechanisms: values.has("sasl.mechanisms") ? said("mechanisms") : undefined,
        saslpasswd: values.has("sasl.passwd"),
        sockets: said("sockets"),
    };
}

/** What was told of each path under one word. */
function below<T>(told: Map<string, string>, word: string, read: (text: string) => T): Record<string, T> {
    const found = [...told].filter(([name]) => name.startsWith(`${word} `));
    return Object.fromEntries(found.map(([name, text]) => [name.slice(word.length + 1), read(text)]));
}
