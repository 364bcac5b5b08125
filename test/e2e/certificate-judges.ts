import type { Pair } from "../certificates";
import { labHost, on, tryOn } from "./lab";
import { type Stack, succeeds } from "./stack";

/** Gives a private key of the config as a person would. */
export async function secretKey(stack: Stack, path: string, { privateKey }: Pair): Promise<void> {
    await succeeds(stack.run(["config", "set", "--secret", "--path", `postfix-stacks:${path}`], privateKey));
}

const write = (host: string, file: string, text: string): string =>
    on(
        host,
        `mkdir -p "$(dirname ${file})" && printf '%s\\n' '${text.trim()}' >${file} && chmod 0600 ${file}`,
    );

const live = (host: string): string => `/etc/letsencrypt/live/${labHost(host).fqdn}`;

/** Where `certbot` would tell a mail server to look. */
export const filesOf = (host: string): { keyFile: string; certificateFile: string } => ({
    keyFile: `${live(host)}/privkey.pem`,
    certificateFile: `${live(host)}/fullchain.pem`,
});

/** Lays a key and certificate on a host as certbot does: numbered in `archive`, and symlinks in `live` that move on. */
export function certbot(host: string, number: number, pair: Pair): void {
    const archive = live(host).replace("/live/", "/archive/");
    write(host, `${archive}/privkey${number}.pem`, pair.privateKey);
    write(host, `${archive}/fullchain${number}.pem`, pair.certificate);
    const folders = "chmod 0700 /etc/letsencrypt/live /etc/letsencrypt/archive";
    on(host, `mkdir -p ${live(host)} && ${folders}`);
    for (const name of ["privkey", "fullchain"])
        on(
            host,
            `ln -sfn ../../archive/${labHost(host).fqdn}/${name}${number}.pem ${live(host)}/${name}.pem`,
        );
}

/** The certificate that a hub shows to a client which knows signatures of one kind only. */
export function shownCertificate(host: string, kind: "ECDSA" | "RSA"): string {
    const signatures = kind === "ECDSA" ? "ECDSA+SHA256" : "RSA-PSS+SHA256";
    const client = `openssl s_client -starttls smtp -connect 127.0.0.1:587 -sigalgs ${signatures}`;
    return on(host, `${client} </dev/null 2>/dev/null | openssl x509`).trim();
}

/** What openssl and posttls-finger on a laptop say of the hub when they trust this CA alone. */
export function verifiedBy(laptop: string, ca: Pair, hub: string): string {
    write(laptop, "/tmp/ca.pem", ca.certificate);
    const client = `openssl s_client -starttls smtp -connect ${hub}:587 -CAfile /tmp/ca.pem -no-CApath`;
    const openssl =
        tryOn(laptop, `${client} -verify_return_error -verify_hostname ${hub} </dev/null`).code === 0;
    const finger = tryOn(laptop, `posttls-finger -c -l secure -F /tmp/ca.pem '[${hub}]:587' ${hub}`).out;
    const verified = finger.includes("Verified TLS connection established");
    return `openssl: ${openssl ? "ok" : "no"}\nposttls-finger: ${verified ? "ok" : "no"}`;
}
