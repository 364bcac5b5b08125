import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import type {
    FleetArgs,
    FleetLaptopArgs,
    FleetRelayAccessArgs,
    RelayAccessArgs,
    RoadWarriorArgs,
    SmartHostArgs,
} from "../../components";
import type { ConnectionArgs } from "../../components/connection";
import type { HookArgs } from "../../components/machine-args";
import type { connectionNumberFields, flagFields, numberFields } from "../../postfix/fleet/field-kinds";
import type { fleetFields } from "../../postfix/validate/fleet";
import type { hookFields } from "../../postfix/validate/machine";
import type { grantFields, relayAccessFields } from "../../postfix/validate/relay-access";
import type { roadWarriorFields } from "../../postfix/validate/road-warrior";
import type { smartHostFields } from "../../postfix/validate/smart-host";
import { componentSchema } from "../../provider/schema/components";
import { analyzed, generated } from "../../provider/schema/generate";
import { hostTypes } from "../../provider/schema/host";
import { schema } from "../../provider/schema/package";

const root = join(__dirname, "../..");
const read = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
const packageJson = read("package.json");

/** Reads all types of the library: seconds. */
const analysis = analyzed();

/** Compiles only if both name the same: a new argument must be known to the check of misspelt ones. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** The fields of some arguments that hold a plain T, which a CSV file can say. */
type FieldsOf<Args, T> = {
    [K in keyof Required<Args>]: Required<Args>[K] extends pulumi.Input<T> ? K : never;
}[keyof Args];
const inStep: [
    Same<keyof SmartHostArgs, (typeof smartHostFields)[number]>,
    Same<keyof RoadWarriorArgs, (typeof roadWarriorFields)[number]>,
    Same<keyof RelayAccessArgs, (typeof relayAccessFields)[number]>,
    Same<keyof HookArgs, (typeof hookFields)[number]>,
    Same<keyof FleetArgs, (typeof fleetFields)[number]>,
    Same<keyof FleetRelayAccessArgs, (typeof grantFields)[number]>,
    Same<FieldsOf<FleetLaptopArgs, number>, (typeof numberFields)[number]>,
    Same<FieldsOf<FleetLaptopArgs, boolean>, (typeof flagFields)[number]>,
    Same<FieldsOf<ConnectionArgs, number>, (typeof connectionNumberFields)[number]>,
] = [true, true, true, true, true, true, true, true, true];

test("arguments and their checks are in step", () => assert.equal(inStep.length, 9));

test("the command package stays at 1.x: what npm calls its latest, 4.5.0, is a mistake of its publisher", () => {
    assert.match(read("node_modules/@pulumi/command/package.json").version, /^1\./);
    assert.match(read("package-lock.json").packages["node_modules/@pulumi/command"].version, /^1\./);
    assert.match(packageJson.dependencies["@pulumi/command"], /^[~^]?1\./);
});

test("there is one copy of the SDK: outputs of another one are not recognised", () => {
    const copies = Object.keys(read("package-lock.json").packages).filter((path) =>
        path.endsWith("/@pulumi/pulumi"),
    );
    assert.deepEqual(copies, ["node_modules/@pulumi/pulumi"]);
    assert.ok(packageJson.peerDependencies["@pulumi/pulumi"], "the user's own copy is the one");
    assert.equal(packageJson.dependencies["@pulumi/pulumi"], undefined);
});

test("the components can be used from other languages: their arguments and outputs are plain data", () => {
    const { components, typeDefinitions } = analysis;
    assert.deepEqual(Object.keys(components).sort(), ["RelayAccess", "RoadWarrior", "SmartHost"]);
    const outputs = (name: string) => Object.keys(components[name]?.outputs ?? {}).sort();
    assert.deepEqual(outputs("SmartHost"), [
        "certificateExpiry",
        "link",
        "nextPins",
        "pins",
        "postfixVersion",
        "provenBy",
        "unmanaged",
    ]);
    assert.deepEqual(outputs("RoadWarrior"), [
        "bundle",
        "certificateExpiry",
        "identity",
        "pending",
        "postfixVersion",
        "proof",
        "provenBy",
        "unmanaged",
    ]);
    for (const [name, values] of [
        ["OnUnreachable", ["fail", "pending"]],
        ["OnDelete", ["stop", "flush", "hold", "release"]],
        ["InetProtocols", ["all", "ipv4", "ipv6"]],
        ["KeyAlgorithm", ["ecdsa-p256", "rsa-3072", "both"]],
        ["SmartHostMode", ["dedicated", "guest"]],
        ["Security", ["fingerprint", "encrypt", "secure", "dane"]],
        ["PublicPort", ["mx", "encrypt", "none"]],
        ["OutboundSecurity", ["none", "may", "encrypt", "dane"]],
        ["ProtocolFloor", ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]],
        ["Ciphers", ["medium", "high"]],
        ["SaslType", ["dovecot", "cyrus"]],
    ] as const) {
        assert.deepEqual(
            typeDefinitions[name]?.enum?.map(({ value }) => value).sort(),
            [...values].sort(),
            name,
        );
    }
});

test("the schema of the components is that of their types", () => {
    const kept = readFileSync(join(root, "provider/schema/components.json"), "utf8");
    assert.ok(kept === generated(analysis), "the arguments have changed: npm run schema");
});

test("the whole schema describes every resource, type and property, and hides what is secret", () => {
    const whole = JSON.parse(schema("1.2.3")) as {
        types: Record<string, Described>;
        resources: Record<string, Described>;
    };
    const bare: string[] = [];
    const look = (path: string, { description, properties, inputProperties }: Described): void => {
        if (!description) bare.push(path);
        for (const [name, below] of Object.entries({ ...properties, ...inputProperties }))
            look(`${path}.${name}`, below);
    };
    for (const [name, described] of Object.entries({ ...whole.types, ...whole.resources }))
        look(name, described);
    assert.deepEqual(bare, []);
    assert.equal(whole.types["postfix:index:KeyAndCertificate"]?.properties?.privateKey?.secret, true);
    assert.equal(whole.types["postfix:index:LaptopSasl"]?.properties?.password?.secret, true);
    const laptop = whole.resources["postfix:index:RoadWarrior"];
    assert.equal(laptop?.properties?.bundle?.secret, true);
    assert.equal(
        laptop?.inputProperties?.bundle?.secret,
        undefined,
        "a flag, which a secret would hide from us",
    );
    const named = JSON.stringify(whole).match(/#\/types\/postfix:index:\w+/g) ?? [];
    const missing = named.filter((ref) => !(ref.replace("#/types/", "") in whole.types));
    assert.deepEqual(missing, [], "types that are referred to");
});

test("what components and Host both name is the same: a connection, how a machine is reached", () => {
    for (const [name, { properties }] of Object.entries(
        componentSchema().types as Record<string, Described>,
    )) {
        const twin = (hostTypes as Record<string, Described>)[name];
        if (twin?.properties)
            assert.deepEqual(Object.keys(properties ?? {}).sort(), Object.keys(twin.properties).sort(), name);
    }
});

interface Described {
    description?: string;
    secret?: boolean;
    properties?: Record<string, Described>;
    inputProperties?: Record<string, Described>;
}

test("every argument and every output is described", () => {
    const { components, typeDefinitions } = analysis;
    // The connection's fields belong to the command package.
    const foreign = ["ConnectionArgs", "ProxyConnectionArgs"];
    const described = [
        ...Object.values(components).flatMap(({ name, inputs, outputs }) => [
            ...Object.entries(inputs).map(([field, definition]) => [`${name}.${field}`, definition] as const),
            ...Object.entries(outputs).map(
                ([field, definition]) => [`${name}.${field}`, definition] as const,
            ),
        ]),
        ...Object.values(typeDefinitions)
            .filter(({ name }) => !foreign.includes(name))
            .flatMap(({ name, properties = {} }) =>
                Object.entries(properties).map(
                    ([field, definition]) => [`${name}.${field}`, definition] as const,
                ),
            ),
    ];
    assert.ok(described.length > 50, "the analyzer found them");
    // Where it holds a link the analyzer cannot read it.
    const bad = described.filter(([, { description }]) => !description || description.includes("[object"));
    assert.deepEqual(
        bad.map(([path]) => path),
        [],
    );
});

test("the library is what `exports` names, and the program is not", () => {
    assert.equal(packageJson.exports["."].default, "./dist/components/index.js");
    assert.match(readFileSync(join(root, "Pulumi.yaml"), "utf8"), /^main: index\.ts$/m);
    assert.equal(
        packageJson.type,
        undefined,
        "CommonJS: the engine's TypeScript loader knows no file suffixes",
    );
});

test("what the package promises, and no more", async () => {
    const names = Object.keys(await import("../../components")).filter((name) => name !== "default");
    assert.deepEqual(names.sort(), [
        "Ciphers",
        "Fleet",
        "Host",
        "InetProtocols",
        "InputError",
        "KeyAlgorithm",
        "OnDelete",
        "OnUnreachable",
        "OutboundSecurity",
        "ProtocolFloor",
        "PublicPort",
        "RelayAccess",
        "RoadWarrior",
        "Role",
        "SaslType",
        "Security",
        "SmartHost",
        "SmartHostMode",
        "linkOf",
    ]);
});

test("every file of components/ is one that a reader can take in", () => {
    for (const name of readdirSync(join(root, "components")).filter((file) => file.endsWith(".ts"))) {
        const lines = readFileSync(join(root, "components", name), "utf8").split("\n").length;
        assert.ok(lines <= 260, `${name}: ${lines} lines`);
    }
});
