import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { publicKeyPin } from "../postfix/pins";
import { defaultEarlyRenewalHours, defaultValidityPeriodHours } from "../postfix/validate/machine";
import { KeyAlgorithm } from "../postfix/words";
import type { KeyAndCertificateArgs } from "./certificate-args";
import type { HostChainArgs } from "./host";
import { type MadeCertificate, signCertificate } from "./signed-certificate";
import { type Transform, transformed } from "./transform";

interface KeyOptions {
    parent: pulumi.Resource;
    algorithm: KeyAlgorithm | undefined;
    transform?: Transform<tls.PrivateKeyArgs>;
}

/** Ways past our arguments to those of the certificates. */
export interface CertificateTransforms {
    /** Of each self-signed certificate. @default none */
    certificate?: Transform<tls.SelfSignedCertArgs>;
    /** With `signedBy`: of what the CA is asked to sign. @default none */
    certificateRequest?: Transform<tls.CertRequestArgs>;
    /** With `signedBy`: of what it signs. @default none */
    signedCertificate?: Transform<tls.LocallySignedCertArgs>;
}

interface CertificateOptions {
    parent: pulumi.Resource;
    hostname: pulumi.Input<string>;
    /** Extended key usage (RFC 5280, 4.2.1.12). */
    use: "server_auth" | "client_auth";
    validityPeriodHours?: pulumi.Input<number>;
    earlyRenewalHours?: pulumi.Input<number>;
    /** Who vouches for them; else each key for itself. */
    authority?: pulumi.Input<KeyAndCertificateArgs>;
    transform?: CertificateTransforms;
}

/** One generation of a machine's keys: one key, or one of each algorithm. */
export interface Keys {
    generation: number;
    keys: { key: tls.PrivateKey; rsa: boolean }[];
    pins: pulumi.Output<string>[];
}

/**
 * The keys of one generation, named by it, so that the next one exists beside the current one and keeps its name when
 * its turn comes. An old key leaves the state without being destroyed: it may still be on a machine.
 */
export function makeKeys(name: string, generation: number, options: KeyOptions): Keys {
    const algorithm = options.algorithm ?? KeyAlgorithm.EcdsaP256;
    const wanted = algorithm === KeyAlgorithm.Both ? [false, true] : [algorithm === KeyAlgorithm.Rsa3072];
    const keys = wanted.map((rsa) => {
        const args: tls.PrivateKeyArgs = rsa
            ? { algorithm: "RSA", rsaBits: 3072 }
            : { algorithm: "ECDSA", ecdsaCurve: "P256" };
        const opts = { parent: options.parent, retainOnDelete: true };
        const keyName = `${name}-key-${generation}${suffix(rsa)}`;
        return { key: new tls.PrivateKey(...transformed(options.transform, keyName, args, opts)), rsa };
    });
    // Of the public key, never of the certificate: that one is unknown in the preview of each renewal.
    const pins = keys.map(({ key }) => pulumi.unsecret(key.publicKeyPem.apply(publicKeyPin)));
    return { generation, keys, pins };
}

/** A certificate for each key of a generation, as the machine is to have them, and when the first one expires. */
export function makeCertificates(
    name: string,
    { generation, keys }: Keys,
    options: CertificateOptions,
): { chain: HostChainArgs[]; expiry: pulumi.Output<string> } {
    const hostname = pulumi.output(options.hostname);
    const made = keys.map(({ key, rsa }) => {
        const args: tls.SelfSignedCertArgs = {
            privateKeyPem: key.privateKeyPem,
            subject: { commonName: hostname },
            dnsNames: hostname.apply((name) => (isAddress(name) ? undefined : [name])),
            ipAddresses: hostname.apply((name) => (isAddress(name) ? [name] : undefined)),
            validityPeriodHours: options.validityPeriodHours ?? defaultValidityPeriodHours,
            earlyRenewalHours: options.earlyRenewalHours ?? defaultEarlyRenewalHours,
            // RSA up to TLS 1.2 may also encrypt the session key (RFC 5280, 4.2.1.3).
            allowedUses: ["digital_signature", ...(rsa ? ["key_encipherment"] : []), options.use],
        };
        const { parent, authority, transform } = options;
        const names = {
            request: `${name}-request-${generation}${suffix(rsa)}`,
            certificate: `${name}-cert-${generation}${suffix(rsa)}`,
        };
        if (authority !== undefined) return signCertificate(names, args, authority, { parent, transform });
        return selfSigned(
            new tls.SelfSignedCert(
                ...transformed(transform?.certificate, names.certificate, args, { parent }),
            ),
        );
    });
    const chain = made.map(({ certificate }, index) => ({
        privateKey: keys[index]?.key.privateKeyPem ?? "",
        certificate,
    }));
    return { chain, expiry: pulumi.all(made.map(({ end }) => end)).apply(firstOf) };
}

const selfSigned = (certificate: tls.SelfSignedCert): MadeCertificate => ({
    certificate: pulumi.unsecret(certificate.certPem),
    end: pulumi.unsecret(certificate.validityEndTime),
});

/** The earliest of some times (RFC 3339). */
export const firstOf = (times: string[]): string =>
    times.reduce((first, time) => (Date.parse(time) < Date.parse(first) ? time : first));

const suffix = (rsa: boolean): string => (rsa ? "-rsa" : "");

const isAddress = (name: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(name);
