import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { Analyzer } from "@pulumi/pulumi/provider/experimental/analyzer";
import type { RelayAccessArgs, RoadWarriorArgs, SmartHostArgs } from "../../components";
import { checkInputs } from "../../provider/host/check";
import { readInputs } from "../../provider/host/inputs";
import { type Plan, planChange } from "../../provider/host/plan";
import { authority, selfSigned } from "../certificates";
import { factsOf, ids, pin, target } from "../provider/host/fixtures";
import { type Definition, fieldsOf, hostileTexts, shapesOf, withText } from "../provider/host/hostile-fields";
import { beyond, owners, readings } from "../provider/host/hostile-readings";
import { oneBlank } from "../unit/readings";
import { type Engine, run } from "./harness";
import { hostKey } from "./machines";

/**
 * Whatever a component takes and sends on: refused before anything is registered, or one text on the host. What a Host
 * makes of its own inputs: test/provider/host/hostile-input.test.ts.
 */
// The SDK notes of each promise where it was made, which takes most of the time.
Error.stackTraceLimit = 0;
const root = join(__dirname, "../..");
const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const kinds = ["SmartHost", "RoadWarrior", "RelayAccess"] as const;
type Kind = (typeof kinds)[number];
type Args = Record<string, unknown>;
const analyzed = new Analyzer(root, "postfix", packageJson, new Set(kinds)).analyze();
const types = Object.fromEntries(
    Object.entries(analyzed.typeDefinitions).map(([name, type]) => [`postfix:index:${name}`, type]),
) as Record<string, Definition>;

const pair = selfSigned("mailhub.example.com");
const ca = authority("CA");
const hop = {
    host: "192.0.2.25",
    port: 22,
    user: "admin",
    password: "secret",
    privateKey: pair.privateKey,
    privateKeyPassword: "secret",
    agentSocketPath: "/run/agent",
    dialErrorLimit: 1,
    perDialTimeout: 5,
    hostKey,
};
const connection = { ...hop, proxy: hop };
const reach = {
    connection: { host: hop.host, user: "admin", hostKey },
    sudo: true,
    knownHosts: "/root/.ssh/known_hosts",
    insecureIgnoreHostKey: false,
    onUnreachable: "fail",
};
const machine = {
    ...reach,
    keyAlgorithm: "ecdsa-p256",
    validityPeriodHours: 1000,
    earlyRenewalHours: 10,
    inetProtocols: "all",
    settings: { pulumi_x: "one", local_header_rewrite_clients: "@{mine}" },
    takeOver: ["*"],
    onDelete: "stop",
    tlsLogLevel: 1,
    receivedHeader: true,
    protocolFloor: "TLSv1.2",
    ciphers: "high",
    services: {
        "10025/inet": {
            command: "smtpd",
            options: { pulumi_x: "one", smtpd_banner: "$myhostname" },
            private: "n",
            unprivileged: "-",
            chroot: "n",
            wakeup: "-",
            process_limit: "-",
        },
        "after/unix": { command: "pipe flags=R user=nobody argv=/bin/true", options: {} },
    },
    tables: {
        mine: { type: "hash", entries: { one: "1", two: "2" } },
        rules: { type: "regexp", text: "/a/ OK\n" },
    },
    allowUnknown: true,
    exclusive: false,
};
const commands = { installPackage: true, hooks: { before: "true", after: "true" } };
const link = {
    version: 1,
    hostname: "mailhub.example.com",
    port: 587,
    implicitTlsPort: 465,
    pins: [pin(1)],
    digest: "sha256",
};
const another = (name: string) => ({ ...link, hostname: `${name}.example.com` });
const vouched = (name: string) => ({ ...another(name), certificateAuthority: ca.certificate });
const hub = {
    ...machine,
    ...commands,
    hostname: "mailhub.example.com",
    mode: "dedicated",
    port: 587,
    keyGeneration: 1,
    nextKeyAlgorithm: "ecdsa-p256",
    leaveBehind: ["alice"],
    nextPins: [pin(9)],
    clientAuthority: ca.certificate,
    implicitTlsPort: 465,
    publicPort: "mx",
    outboundSecurity: "may",
    outboundPolicy: { "example.org": "encrypt" },
};
const laptop = {
    ...machine,
    smartHost: link,
    implicitTls: false,
    hostname: "laptop.example.com",
    clientKeyGeneration: 1,
    flushOnNetwork: true,
    senders: ["alice@example.com"],
    sasl: { username: "alice", password: "secret" },
    queueLifetime: "14d",
    delayWarningTime: "1d",
    inetInterfaces: "loopback-only",
    mydestination: ["localhost"],
    myorigin: "example.com",
    rootMail: "admin@example.com",
    genericAddresses: { "alice@laptop.localdomain": "alice@example.com" },
    chroot: false,
    security: "fingerprint",
    fallbackSmartHosts: [another("second")],
    senderRelays: { "@work.example": another("work") },
    transports: { "lists.example": another("lists") },
};
const grant = {
    ...reach,
    takeOver: ["laptops-00000003"],
    laptops: [{ name: "alice", pins: [pin(2)], senders: ["alice@example.com"] }],
    proofs: [{ name: "alice", pins: [pin(2)], hubPins: [pin(1)] }],
};

/** Of each component programs that together use all of its arguments: not each goes with each. */
const programs: Record<Kind, Args[]> = {
    SmartHost: [
        { ...hub, sasl: { type: "cyrus", users: { alice: "secret" } } },
        { ...hub, sasl: { type: "dovecot", path: "private/auth" } },
        { ...hub, signedBy: ca },
        { ...hub, keyGeneration: undefined, nextKeyAlgorithm: undefined, certificates: [pair] },
        {
            ...hub,
            keyGeneration: undefined,
            nextKeyAlgorithm: undefined,
            certificateFiles: [{ keyFile: "/etc/a.key", certificateFile: "/etc/a.pem", pin: pin(1) }],
        },
        { hostname: hub.hostname, connection },
    ],
    RoadWarrior: [
        laptop,
        {
            ...laptop,
            security: "secure",
            certificateAuthority: ca.certificate,
            smartHost: vouched("mailhub"),
            fallbackSmartHosts: [vouched("second")],
            senderRelays: { "@work.example": vouched("work") },
            transports: { "lists.example": vouched("lists") },
        },
        { ...laptop, ...commands, signedBy: ca },
        { ...laptop, clientKeyGeneration: undefined, certificates: [pair] },
        { smartHost: laptop.smartHost, bundle: true },
    ],
    RelayAccess: [grant],
};

/**
 * The component's own name is the user's too: it becomes a label in main.cf, a folder, a name in a certificate. All
 * three hand a connection on by the same lines, so it is tried with one.
 */
const fields: [Kind, string][] = kinds.flatMap((kind) => {
    const inputs = (analyzed.components[kind]?.inputs ?? {}) as Record<string, Definition>;
    return [...fieldsOf(inputs, types), "name"]
        .filter((field) => kind === "SmartHost" || !field.startsWith("connection."))
        .map((field): [Kind, string] => [kind, field]);
});

function programFor(kind: Kind, field: string): Args {
    if (field === "name") return programs[kind][0] ?? {};
    for (const args of programs[kind]) {
        try {
            withText(args, field, "x");
            return args;
        } catch {
            // Another of them has it.
        }
    }
    throw new Error(`no case for ${kind}.${field}: give it a value in one of the programs`);
}

const facts = factsOf({ mapTypes: ["hash", "texthash", "regexp"], fqdn: "hub.example.com" });

/** What a program comes to on the host. */
interface Outcome {
    problems: Plan["problems"];
    owners: string[];
    lines: string[];
}

function outcomeOf(host: Args): Outcome {
    assert.deepEqual(checkInputs(host, {}), []);
    const plan = planChange(readInputs(host), facts, target(ids.plain));
    // Where a line stands, and what is called by the digest of a text, says nothing of what it is.
    const lines = readings(host, plan).map((line) =>
        line.replace(/^option of \d+ /, "option ").replace(/\bpulumi_senders_[0-9a-f]{12}\b/g, "a class"),
    );
    return { problems: plan.problems, owners: owners(plan), lines };
}

/** What is registered: the Host, and commands that run on the machine. */
function registered(engine: Engine, name: string) {
    const { connection: _, knownHosts: __, ...host }: Args = engine.host(name).inputs;
    // The mocks make no certificates.
    if (Object.keys((host.chains ?? {}) as Args).length > 0) host.chains = { identity: [pair] };
    const commands = engine.registrations
        .filter(({ type, name: of }) => type === "command:remote:Command" && of.startsWith(`${name}-`))
        .map(({ name: of, inputs: { create, stdin } }) => [of.slice(name.length), { create, stdin }]);
    return {
        host: { ...host, connection: reach.connection } as Args,
        commands: Object.fromEntries(commands) as Record<string, { create: unknown; stdin: unknown }>,
    };
}

type Library = typeof import("../../components");

function make(library: Library, kind: Kind, name: string, args: Args): void {
    if (kind === "SmartHost") new library.SmartHost(name, args as unknown as SmartHostArgs);
    else if (kind === "RoadWarrior") new library.RoadWarrior(name, args as unknown as RoadWarriorArgs);
    else new library.RelayAccess(name, args as unknown as RelayAccessArgs);
}

/** Texts in a field, each in a component of its own; those that are refused are left out, and the reasons given. */
async function withTexts(kind: Kind, field: string, texts: string[]) {
    const refused: string[] = [];
    const names = new Map<string, string>();
    const { engine } = await run((library) => {
        make(library, kind, "usual", programFor(kind, field));
        for (const [index, text] of texts.entries()) {
            const name = field === "name" ? text : `other${index}`;
            const args = programFor(kind, field);
            try {
                make(library, kind, name, field === "name" ? args : withText(args, field, text));
                names.set(text, name);
            } catch (error) {
                assert.ok(error instanceof library.InputError, String(error));
                refused.push(error.message);
            }
        }
    });
    return { engine, names, refused };
}

const top = (field: string): string => field.split(/[.[]/)[0] ?? "";

test("the programs use each argument, and without hostile texts all are right", async () => {
    for (const [kind, field] of fields) programFor(kind, field);
    assert.ok(fields.length > 140, `${fields.length}`);
    for (const kind of kinds)
        for (const args of programs[kind]) {
            const { engine } = await run((library) => make(library, kind, "usual", args));
            // It has no Host.
            if (args.bundle === true) continue;
            assert.deepEqual(outcomeOf(registered(engine, "usual").host).problems, []);
        }
});

for (const [kind, field] of fields) {
    test(`nothing in ${kind}.${field} becomes more than a text`, async () => {
        const texts = [...new Set(hostileTexts("/pwned").flatMap((text) => shapesOf(field, text)))];
        const { engine, names, refused } = await withTexts(kind, field, texts);
        assert.equal(refused.length + names.size, texts.length);
        for (const reason of refused) assert.ok(reason.includes(top(field)), reason.slice(0, 500));
        // A key or a certificate is none of these.
        if (/(privateKey|certificate|[aA]uthority|hostKey)$/.test(field)) assert.equal(names.size, 0);
        if (names.size === 0) return;
        const usual = registered(engine, "usual");
        const before = outcomeOf(usual.host);
        for (const [text, name] of names) {
            const what = `${kind}.${field} = ${JSON.stringify(text.slice(0, 50))}`;
            const { host, commands } = registered(engine, name);
            const hook = /^hooks\.(before|after)$/.exec(field)?.[1];
            const meant = hook && { [`-${hook}`]: { ...usual.commands[`-${hook}`], stdin: text } };
            assert.deepEqual(commands, { ...usual.commands, ...meant }, what);
            const label = field === "name" ? { owner: usual.host.owner } : {};
            if (isDeepStrictEqual({ ...host, ...label }, usual.host)) continue;
            const after = outcomeOf(host);
            if (after.problems.length > 0) continue;
            const [lost, gained] = [beyond(before.lines, after.lines), beyond(after.lines, before.lines)];
            assert.equal(gained.length, lost.length, `${what}: ${lost} became ${gained}`);
            for (const line of gained)
                assert.ok(
                    // check_sender_access(5) knows all of a domain without the @.
                    oneBlank(line).includes(oneBlank(text.replace(/^@/, ""))),
                    `${what}: ${line.slice(0, 500)}`,
                );
            assert.deepEqual(after.owners, before.owners, what);
        }
    });
}
