import { pemBlocks } from "../pem";
import { readCertificates } from "../pins";
import { show } from "./show";

/** What is wrong with certificates of CAs in PEM, given to say whose word counts. */
export function authorityFault(value: unknown): string | undefined {
    if (typeof value !== "string") return `given ${show(value)}, allowed: certificates of CAs in PEM`;
    if (pemBlocks(value).some(({ label }) => label.endsWith("PRIVATE KEY")))
        return "holds a private key: give the certificate alone, a CA's key belongs on no machine";
    return readCertificates(value).fault;
}
