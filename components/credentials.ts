import * as pulumi from "@pulumi/pulumi";
import type * as tls from "@pulumi/tls";
import { certificateEnd, certificatePublicKeyPin } from "../postfix/pins";
import type { KeyAndCertificateArgs } from "./certificate-args";
import type { HostArgs, HostChainArgs } from "./host";
import { type CertificateTransforms, firstOf, makeCertificates, makeKeys } from "./key-and-certificate";
import type { WantedArgs } from "./machine-args";
import type { Transform } from "./transform";

/** Pins, each of which, or all, may come later. */
export type Pins = pulumi.Input<pulumi.Input<string>[]>;

/** What a machine shows to its peers: keys with certificates, and how the peers know them. */
export interface Credentials {
    chain: pulumi.Input<pulumi.Input<HostChainArgs>[]>;
    pins: Pins;
    /** When the first of the certificates ends (RFC 3339). */
    expiry: pulumi.Output<string>;
}

/** Of a machine's keys and certificates. */
export type CredentialTransforms = CertificateTransforms & {
    /** Of each private key (`tls.PrivateKey`). */
    privateKey?: Transform<tls.PrivateKeyArgs>;
};

/** Of a machine's keys and certificates, and of its `Host`. */
export type MachineTransforms = CredentialTransforms & {
    /** Of the machine's `Host`. */
    host?: Transform<HostArgs>;
};

interface Options {
    parent: pulumi.Resource;
    hostname: pulumi.Input<string>;
    use: "server_auth" | "client_auth";
    generation: number;
    transform?: CredentialTransforms;
}

/** The user's own keys with their certificates, or some that are made here. */
export function credentialsOf(name: string, args: WantedArgs, options: Options): Credentials {
    if (args.certificates !== undefined) return ownCredentials(args.certificates);
    const { parent, generation, transform, hostname, use } = options;
    const { keyAlgorithm: algorithm, validityPeriodHours, earlyRenewalHours, signedBy } = args;
    const keys = makeKeys(name, generation, { parent, algorithm, transform: transform?.privateKey });
    const made = makeCertificates(name, keys, {
        parent,
        hostname,
        use,
        validityPeriodHours,
        earlyRenewalHours,
        authority: signedBy,
        transform,
    });
    return { ...made, pins: keys.pins };
}

type Own = pulumi.Input<KeyAndCertificateArgs>;

/** A pin is of the public key, which stands in the certificate: nothing of it is a secret, however it came. */
function ownCredentials(chain: pulumi.Input<Own[]>): Credentials {
    if (!Array.isArray(chain)) {
        const certificates = pulumi
            .unsecret(pulumi.output(chain))
            .apply((pairs) => pairs.map(({ certificate }) => certificate));
        const pins = certificates.apply((known) => known.map(certificatePublicKeyPin));
        return { chain, pins, expiry: certificates.apply(endOf) };
    }
    const certificates = chain.map(certificateOf);
    const pins = certificates.map((certificate) => certificate.apply(certificatePublicKeyPin));
    return { chain, pins, expiry: pulumi.all(certificates).apply(endOf) };
}

const endOf = (certificates: string[]): string => firstOf(certificates.map(certificateEnd));

const certificateOf = (pair: Own): pulumi.Output<string> => pulumi.unsecret(pulumi.output(pair).certificate);

/** Some lists of pins as one; each pin by itself where that can be, so that a preview shows which it does not know. */
export function joinPins(...lists: Pins[]): Pins {
    if (lists.every((list) => Array.isArray(list))) return lists.flat();
    return pulumi.all(lists.map((list) => pulumi.output(list))).apply((known) => known.flat());
}
