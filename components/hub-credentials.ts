import * as pulumi from "@pulumi/pulumi";
import {
    clientAuthorityFile,
    withCertificateFiles,
    withClientAuthority,
} from "../postfix/roles/certificates";
import { identityChain } from "../postfix/roles/common";
import type { HostSettings } from "../postfix/settings";
import type { KeyAlgorithm } from "../postfix/words";
import type { HubCertificateArgs } from "./certificate-args";
import { type CredentialTransforms, credentialsOf, joinPins, type Pins } from "./credentials";
import type { Host, HostArgs } from "./host";
import { makeKeys } from "./key-and-certificate";
import type { MachineArgs } from "./machine-args";

/** What a hub shows to its laptops, and what they are told of it. */
export interface HubCredentials {
    /** What the hub's Host needs to know. */
    args: Pick<HostArgs, "keyGeneration" | "announces" | "chains" | "authorities" | "certificateFiles">;
    /** Pins of what it must show after a change; absent where only the host knows its key. */
    serves?: Pins;
    /** The role's settings, with what is different by where the certificate comes from. */
    settings(role: HostSettings): HostSettings;
    /** Pins of the keys in use. */
    pins(host: Host): Pins;
    /** Pins of keys whose turn comes later. */
    nextPins: Pins;
    /** When the first of the certificates ends (RFC 3339); empty where they are renewed on the host. */
    expiry: pulumi.Output<string>;
}

type Args = MachineArgs &
    HubCertificateArgs & {
        hostname: pulumi.Input<string>;
        keyGeneration?: number;
        nextKeyAlgorithm?: KeyAlgorithm;
    };

interface Options {
    parent: pulumi.Resource;
    transform?: CredentialTransforms;
}

export function hubCredentials(name: string, args: Args, options: Options): HubCredentials {
    const { clientAuthority } = args;
    const credentials = withoutClients(name, args, options);
    if (clientAuthority === undefined) return credentials;
    return {
        ...credentials,
        args: {
            ...credentials.args,
            authorities: { [clientAuthorityFile]: pulumi.unsecret(pulumi.output(clientAuthority)) },
        },
        settings: (role) => withClientAuthority(credentials.settings(role)),
    };
}

function withoutClients(name: string, args: Args, { parent, transform }: Options): HubCredentials {
    const { certificateFiles, nextPins: announced = [] } = args;
    if (certificateFiles !== undefined) {
        const given = certificateFiles.flatMap(({ pin }) => pin ?? []);
        return {
            args: { announces: announced, certificateFiles },
            settings: (role) => withCertificateFiles(role, certificateFiles),
            pins: (host) => (given.length === certificateFiles.length ? given : servedBy(host)),
            nextPins: announced,
            expiry: pulumi.output(""),
        };
    }
    const generation = args.keyGeneration ?? 1;
    const { hostname } = args;
    const { chain, pins, expiry } = credentialsOf(name, args, {
        parent,
        hostname,
        use: "server_auth",
        generation,
        transform,
    });
    const made = args.certificates === undefined;
    // Beside the current one from the start, so that laptops have pinned it long before its turn.
    const next = made ? makeNext(name, args, generation + 1, { parent, transform }) : [];
    const nextPins = joinPins(next, announced);
    return {
        args: {
            ...(made ? { keyGeneration: generation } : {}),
            announces: nextPins,
            chains: { [identityChain]: chain },
        },
        serves: pins,
        settings: (role) => role,
        pins: () => pins,
        nextPins,
        expiry,
    };
}

function makeNext(name: string, args: Args, generation: number, { parent, transform }: Options): Pins {
    const algorithm = args.nextKeyAlgorithm ?? args.keyAlgorithm;
    return makeKeys(name, generation, { parent, algorithm, transform: transform?.privateKey }).pins;
}

/** Fail-closed: without them the link has no pin, and every laptop refuses it. */
const servedBy = (host: Host): Pins => host.servedPins.apply((pins) => pins ?? []);
