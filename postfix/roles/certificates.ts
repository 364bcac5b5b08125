import type { HostSettings, ServiceSettings } from "../settings";
import { identityChain } from "./common";

/** A key and its certificate as files that lie on the host. */
export interface CertificateFiles {
    keyFile: string;
    certificateFile: string;
    pin?: string;
}

/** Name of the file with the CA that vouches for laptops; `@{clients-authority}` is its path. */
export const clientAuthorityFile = "clients-authority";

/** `*_tls_chain_files` of these files: each key before its certificate (postconf(5)). */
function chainFilesValue(files: CertificateFiles[]): string {
    return [...new Set(files.flatMap(({ keyFile, certificateFile }) => [keyFile, certificateFile]))].join(
        ",",
    );
}

/** The hub's settings, with files that lie there already in the place of a chain of ours. */
export function withCertificateFiles(settings: HostSettings, files: CertificateFiles[]): HostSettings {
    const ours = `@{${identityChain}}`;
    const named = (values: Record<string, string>): Record<string, string> =>
        mapValues(values, (value) => (value === ours ? chainFilesValue(files) : value));
    const { [identityChain]: _, ...chains } = settings.chains;
    return { ...settings, main: named(settings.main), services: mapOptions(settings, named), chains };
}

/**
 * The hub's settings with a CA for its laptops, wherever a client is asked for its certificate. It decides what the
 * log and the Received header say of one, and nothing about who may relay.
 */
export function withClientAuthority(settings: HostSettings): HostSettings {
    const trusting = (values: Record<string, string>): Record<string, string> =>
        values.smtpd_tls_ask_ccert === "yes"
            ? { ...values, smtpd_tls_CAfile: `@{${clientAuthorityFile}}` }
            : values;
    return { ...settings, main: trusting(settings.main), services: mapOptions(settings, trusting) };
}

function mapOptions(
    { services }: HostSettings,
    change: (options: Record<string, string>) => Record<string, string>,
): Record<string, ServiceSettings> {
    return mapValues(services, (service) => ({ ...service, options: change(service.options) }));
}

function mapValues<A, B>(map: Record<string, A>, change: (value: A) => B): Record<string, B> {
    return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}
