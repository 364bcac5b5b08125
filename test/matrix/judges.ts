import { spawnSync } from "node:child_process";
import { on, tryOn } from "../e2e/lab";
import { hostname } from "./machines";

/** Programs of others that look at a hub from a machine that is neither hub nor laptop. */

/** Whether `openssl s_client` gets a TLS session of this very version, and no other, on a port. */
export function speaks(hub: string, port: number, version: "1" | "1.1" | "1.2" | "1.3"): boolean {
    const flag = `-tls${version.replace(".", "_")}`;
    // Without the security level OpenSSL 3 would not even offer what is older than 1.2.
    const { out } = tryOn(
        "outside",
        `openssl s_client -starttls smtp -connect ${hostname(hub)}:${port} ${flag} -cipher ALL:@SECLEVEL=0 </dev/null 2>&1`,
    );
    if (!/^CONNECTED/m.test(out)) throw new Error(out);
    return (
        /^New, \S+, Cipher is (?!\(NONE\))/m.test(out) &&
        (version === "1.3" || /^ +Cipher +: [A-Z]/m.test(out))
    );
}

/** Whether `posttls-finger` takes the hub's key for one of these pins. It says so in words only: its rc is always 0. */
export function verifies(hub: string, pins: string[]): boolean {
    const out = on(
        "outside",
        `posttls-finger -c -l fingerprint -d sha256 '[${hostname(hub)}]:587' ${pins.join(" ")} 2>&1`,
    );
    if (!/TLS connection established to/.test(out)) throw new Error(out);
    return /: Verified TLS connection established to/.test(out);
}

/** What `swaks` on the operator's machine hears for a recipient elsewhere, with the key and certificate in a file. */
export function swaks(hub: string, subject: string, identity?: string): string {
    const words = ["--server", `${hostname(hub)}:587`, "--tls", "--from", "bob@example.com"];
    words.push("--to", "alice@example.net", "--header", `Subject: ${subject}`);
    if (identity) words.push("--tls-cert", identity, "--tls-key", identity);
    return spawnSync("swaks", words, { encoding: "utf8" }).stdout;
}
