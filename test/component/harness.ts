import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import * as state from "@pulumi/pulumi/runtime/state";

/** What reached the engine of one resource. */
export interface Registration {
    type: string;
    name: string;
    parent: string;
    custom: boolean;
    /** Inputs with every secret and unknown revealed as what it is. */
    inputs: Record<string, unknown>;
    /** Property paths of the inputs that are secret, e.g. `connection.password`. */
    secrets: string[];
    /** Property paths of the inputs that a preview does not know. */
    unknowns: string[];
    dependencies: string[];
    ignoreChanges: string[];
    retainOnDelete: boolean;
    version: string;
    additionalSecretOutputs: string[];
}

interface Request {
    getType(): string;
    getName(): string;
    getParent(): string;
    getCustom(): boolean;
    getObject(): { toJavaScript(): Record<string, unknown> };
    getDependenciesList(): string[];
    getIgnorechangesList(): string[];
    getRetainondelete(): boolean;
    getVersion(): string;
    getAdditionalsecretoutputsList(): string[];
}

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const unknown = Symbol("unknown");

/** Of a key that only its host has. */
export const hostPin = Array(32).fill("AB").join(":");

/** What the stacks put out that a program refers to, by name. */
export const otherStacks: Record<string, Record<string, unknown>> = {};

/** The resources of one program, as the engine would have been asked to register them. */
export class Engine {
    readonly registrations: Registration[] = [];
    readonly calls: { token: string; inputs: Record<string, unknown> }[] = [];
    readonly keyPairs = new Map<string, { publicKeyPem: string; privateKeyPem: string }>();

    constructor(readonly preview: boolean) {}

    one(type: string, name: string): Registration {
        const found = this.registrations.filter((entry) => entry.type === type && entry.name === name);
        if (found.length !== 1 || !found[0]) {
            const all = this.registrations.map((entry) => `${entry.type} ${entry.name}`).join("\n");
            throw new Error(`${found.length} of ${type} ${name} among\n${all}`);
        }
        return found[0];
    }

    host(name: string): Registration {
        return this.one("postfix:index:Host", name);
    }

    /** The key pair that the tls provider would have made. */
    pair(name: string): { publicKeyPem: string; privateKeyPem: string } {
        const found = this.keyPairs.get(name);
        if (!found) throw new Error(`no key ${name}`);
        return found;
    }

    /** Its pin, computed here as openssl does: SHA-256 of the SPKI (postconf(5), smtp_tls_fingerprint_cert_match). */
    pin(name: string): string {
        const spki = createPublicKey(this.pair(name).publicKeyPem).export({ type: "spki", format: "der" });
        const hex = createHash("sha256").update(spki).digest("hex").toUpperCase();
        return (hex.match(/../g) ?? []).join(":");
    }

    names(type: string): string[] {
        return this.registrations.filter((entry) => entry.type === type).map((entry) => entry.name);
    }

    record(request: Request): void {
        const raw = request.getObject().toJavaScript();
        const found = { secrets: [] as string[], unknowns: [] as string[] };
        this.registrations.push({
            type: request.getType(),
            name: request.getName(),
            parent: request.getParent(),
            custom: request.getCustom(),
            inputs: reveal(raw, "", found) as Record<string, unknown>,
            ...found,
            dependencies: request.getDependenciesList(),
            ignoreChanges: request.getIgnorechangesList(),
            retainOnDelete: request.getRetainondelete(),
            version: request.getVersion(),
            additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
        });
    }

    newResource(args: pulumi.runtime.MockResourceArgs): pulumi.runtime.MockResourceResult {
        return { id: `${args.name}-id`, state: this.state(args) };
    }

    /** The provider's own functions, as they are; what a mock cannot have is a real certificate. */
    async call({ token, inputs }: pulumi.runtime.MockCallArgs): Promise<Record<string, unknown>> {
        this.calls.push({ token, inputs });
        return token === "postfix:index:bundle" ? { script: `script for ${inputs.urn}` } : {};
    }

    private state({ type, name, inputs }: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
        // A preview knows no output of a resource that is still to be made.
        const later = (value: unknown) => (this.preview ? undefined : value);
        if (type === "tls:index/privateKey:PrivateKey") {
            const pair = keyPair(inputs.algorithm);
            this.keyPairs.set(name, pair);
            return {
                ...inputs,
                publicKeyPem: later(pair.publicKeyPem),
                privateKeyPem: later(pair.privateKeyPem),
            };
        }
        if (type === "tls:index/selfSignedCert:SelfSignedCert") {
            return {
                ...inputs,
                certPem: later(`certificate ${name}`),
                validityEndTime: later("2031-01-02T03:04:05Z"),
            };
        }
        if (type === "tls:index/certRequest:CertRequest")
            return { ...inputs, certRequestPem: later(`request ${name}`) };
        if (type === "tls:index/locallySignedCert:LocallySignedCert") {
            const end = { validityEndTime: later("2030-01-02T03:04:05Z") };
            return { ...inputs, certPem: later(`signed ${name}`), ...end };
        }
        if (type === "pulumi:pulumi:StackReference")
            return { ...inputs, outputs: otherStacks[inputs.name] ?? {}, secretOutputNames: [] };
        if (type === "postfix:index:Host") {
            return {
                ...inputs,
                postfixVersion: later("3.7.11"),
                provenBy: later("postfix"),
                generation: later("aa"),
                // These a preview foretells.
                pending: false,
                ...(inputs.role === "smartHost" ? { provenServes: inputs.proof?.serves?.pins } : {}),
                provenPins: inputs.proof?.reaches?.pins,
                servedPins: later(inputs.certificateFiles?.map(() => hostPin)),
            };
        }
        return inputs;
    }
}

function reveal(value: unknown, path: string, found: { secrets: string[]; unknowns: string[] }): unknown {
    if (value === unknownSentinel) {
        found.unknowns.push(path);
        return unknown;
    }
    if (Array.isArray(value)) return value.map((item, index) => reveal(item, `${path}[${index}]`, found));
    if (typeof value !== "object" || value === null) return value;
    const record = value as Record<string, unknown>;
    if (record[signature] === secretSignature) {
        found.secrets.push(path);
        return reveal(record.value, path, found);
    }
    const entries = Object.entries(record).map(([name, below]) => [
        name,
        reveal(below, path === "" ? name : `${path}.${name}`, found),
    ]);
    return Object.fromEntries(entries);
}

/** RSA keys of full size take seconds; their length is no matter here. */
function keyPair(algorithm: string): { publicKeyPem: string; privateKeyPem: string } {
    const { publicKey, privateKey } =
        algorithm === "RSA"
            ? generateKeyPairSync("rsa", { modulusLength: 1024 })
            : generateKeyPairSync("ec", { namedCurve: "P-256" });
    return {
        publicKeyPem: publicKey.export({ type: "spki", format: "pem" }) as string,
        privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    };
}

let current: Engine | undefined;
const monitor = MockMonitor.prototype;
const register = monitor.registerResource;
monitor.registerResource = function (
    request: Request,
    callback: (error: unknown, response: unknown) => void,
) {
    current?.record(request);
    return register.call(this, request, callback);
};

/** Runs a program against a mocked engine to its end. The components are loaded only after the mocks are set. */
export async function run<T>(
    program: (library: typeof import("../../components")) => T | Promise<T>,
    { preview = false } = {},
): Promise<{ engine: Engine; result: T }> {
    const engine = await connect(preview);
    const result = await program(await import("../../components"));
    await settled();
    return { engine, result };
}

/** Sets the mocks: from here on every registration goes to this engine. */
export async function connect(preview = false): Promise<Engine> {
    const engine = new Engine(preview);
    current = engine;
    const mocks = { newResource: engine.newResource.bind(engine), call: engine.call.bind(engine) };
    await pulumi.runtime.setMocks(mocks, "postfix-test", "test", preview);
    return engine;
}

/** Waits until the SDK has nothing under way any more. */
async function settled(): Promise<void> {
    let before = -1;
    while (before !== current?.registrations.length) {
        before = current?.registrations.length ?? 0;
        await pulumi.runtime.disconnect();
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
}

/** The value of an output; `unknown` if a preview does not know it. An assertion in an apply would never fail. */
export async function promiseOf<T>(output: pulumi.Output<T>): Promise<T | typeof unknown> {
    const inside = output as unknown as {
        promise(withUnknowns: boolean): Promise<T>;
        isKnown: Promise<boolean>;
    };
    const value = await inside.promise(true);
    return (await inside.isKnown) ? value : unknown;
}

/** For a program that failed: what still waits there will wait for ever, and the SDK would count it as a leak. */
export function forget(): void {
    const { getStore } = state as unknown as { getStore(): { leakCandidates: Set<unknown> } };
    getStore().leakCandidates.clear();
}
