import * as pulumi from "@pulumi/pulumi";
import type { CertificateArgs, KeyAndCertificateArgs } from "./certificate-args";
import { comesLater } from "./checked-args";
import { sealConnection } from "./connection";
import type { ReachArgs, WantedArgs } from "./machine-args";

/** A machine's arguments as its component records them in the state: with every secret of ours marked as such. */
export function sealArgs<T extends WantedArgs & Partial<ReachArgs>>(args: T): T {
    const { connection } = args;
    return {
        ...args,
        ...(connection === undefined ? {} : { connection: sealConnection(connection) }),
        ...sealedCertificates(args),
    };
}

function sealedCertificates({ certificates, signedBy }: CertificateArgs): CertificateArgs {
    return {
        ...(certificates === undefined ? {} : { certificates: sealPairs(certificates) }),
        ...(signedBy === undefined ? {} : { signedBy: sealPair(signedBy) }),
    };
}

type Pair = pulumi.Input<KeyAndCertificateArgs>;

/** Keys with their certificates, each key marked as a secret, and whatever cannot be looked into as a secret whole. */
export function sealPairs(pairs: pulumi.Input<Pair[]>): pulumi.Input<Pair[]> {
    return Array.isArray(pairs) ? pairs.map(sealPair) : pulumi.secret(pairs);
}

function sealPair(pair: Pair): Pair {
    if (comesLater(pair)) return pulumi.secret(pair);
    const { privateKey, certificate } = pair as KeyAndCertificateArgs;
    return { privateKey: pulumi.secret(privateKey), certificate };
}
