import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { KeyAndCertificateArgs } from "./certificate-args";
import type { CertificateTransforms } from "./key-and-certificate";
import { transformed } from "./transform";

/** A certificate as it goes onto a machine, and when it ends (RFC 3339). */
export interface MadeCertificate {
    certificate: pulumi.Output<string>;
    end: pulumi.Output<string>;
}

interface SignOptions {
    parent: pulumi.Resource;
    transform?: CertificateTransforms;
}

/** What a self-signed certificate would say, signed by a CA of the user's, with that CA's certificate behind it. */
export function signCertificate(
    names: { request: string; certificate: string },
    args: tls.SelfSignedCertArgs,
    authority: pulumi.Input<KeyAndCertificateArgs>,
    { parent, transform }: SignOptions,
): MadeCertificate {
    const { privateKeyPem, subject, dnsNames, ipAddresses } = args;
    const requestArgs: tls.CertRequestArgs = { privateKeyPem, subject, dnsNames, ipAddresses };
    const request = new tls.CertRequest(
        ...transformed(transform?.certificateRequest, names.request, requestArgs, { parent }),
    );
    const { validityPeriodHours, earlyRenewalHours, allowedUses } = args;
    const caCertificate = authorityCertificate(authority);
    const signArgs: tls.LocallySignedCertArgs = {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: pulumi.output(authority).privateKey,
        caCertPem: caCertificate,
        validityPeriodHours,
        earlyRenewalHours,
        allowedUses,
    };
    const signed = new tls.LocallySignedCert(
        ...transformed(transform?.signedCertificate, names.certificate, signArgs, { parent }),
    );
    // Also one that signs itself: who pins it by a TLSA record of usage 2 has to be shown it (RFC 7671, 5.2.2).
    const certificate = pulumi
        .all([pulumi.unsecret(signed.certPem), caCertificate])
        .apply((parts) => parts.map((pem) => `${pem.trim()}\n`).join(""));
    return { certificate, end: pulumi.unsecret(signed.validityEndTime) };
}

/** The public half of a CA, also where the whole of it came as a secret. */
export function authorityCertificate(authority: pulumi.Input<KeyAndCertificateArgs>): pulumi.Output<string> {
    return pulumi.unsecret(pulumi.output(authority).certificate);
}
