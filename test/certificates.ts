import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A key and its certificate, as a person would bring them: made by openssl. */
export interface Pair {
    privateKey: string;
    certificate: string;
}

type Algorithm = "ec" | "rsa";

const newKey: Record<Algorithm, string[]> = {
    ec: ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    rsa: ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
};

/** Runs openssl in a folder of its own with these files, and gives what it prints. */
export function openssl(args: string[], files: Record<string, string> = {}): string {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-openssl-"));
    try {
        for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
        return execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] }).toString();
    } finally {
        rmSync(folder, { recursive: true });
    }
}

export const privateKey = (algorithm: Algorithm = "ec"): string => openssl(newKey[algorithm]);

/** Vouched for by its own key; for a key that is given, a certificate renewed. */
export function selfSigned(name: string, key = privateKey()): Pair {
    const certificate = openssl(
        ["req", "-x509", "-new", "-key", "key", "-subj", `/CN=${name}`, "-days", "30"],
        { key },
    );
    return { privateKey: key, certificate };
}

/** Valid between two days (`YYYYMMDD`), gone by or still to come. */
export function validBetween(name: string, key: string, from: string, to: string): string {
    const request = openssl(["req", "-new", "-key", "key", "-subj", `/CN=${name}`], { key });
    const config = `[ca]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = policy
[policy]
commonName = supplied
`;
    const dates = ["-startdate", `${from}000000Z`, "-enddate", `${to}000000Z`];
    const files = ["-config", "config", "-name", "ca", "-keyfile", "key", "-in", "request", "-notext"];
    return openssl(["ca", "-batch", "-selfsign", ...files, ...dates], {
        ...{ key, request, config, index: "", serial: "01" },
    });
}

/** A CA: what it signs is vouched for by its certificate. */
export function authority(name = "Test CA"): Pair {
    const key = privateKey();
    const constraints = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"];
    const request = ["req", "-x509", "-new", "-key", "key", "-subj", `/CN=${name}`, "-days", "30"];
    return { privateKey: key, certificate: openssl([...request, ...constraints], { key }) };
}

/** A certificate for this host name, signed by a CA. */
export function signedBy(ca: Pair, hostname: string, key = privateKey()): Pair {
    const request = openssl(["req", "-new", "-key", "key", "-subj", `/CN=${hostname}`], { key });
    const certificate = openssl(
        [
            ...["x509", "-req", "-in", "request", "-CA", "ca", "-CAkey", "caKey", "-days", "30"],
            ...["-set_serial", String(Date.now()), "-extfile", "extensions"],
        ],
        {
            request,
            ca: ca.certificate,
            caKey: ca.privateKey,
            extensions: `subjectAltName = DNS:${hostname}\nbasicConstraints = CA:FALSE\n`,
        },
    );
    return { privateKey: key, certificate };
}

/** The pin as openssl makes it, to compare ours with. */
export function pinOf(key: string): string {
    const der = execFileSync("openssl", ["pkey", "-pubout", "-outform", "DER"], { input: key });
    const digest = execFileSync("openssl", ["dgst", "-sha256", "-c"], { input: der }).toString();
    return digest.replace(/^.*= /, "").trim().toUpperCase();
}
