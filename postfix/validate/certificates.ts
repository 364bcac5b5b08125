import { chainProblems, duplicateKeyTypes, readCertificates } from "../pins";
import type { ProblemSink } from "../problems";
import type { ChainEntry } from "../settings";
import { ArgsCheck, type IsKnown, isRecord, type Plain } from "./args";
import { authorityFault } from "./authority";
import { certificateFileProblems } from "./certificate-files";
import { checkPins } from "./proof";
import { show } from "./show";

/** Fields about a machine's certificates. */
export const certificateFields = ["certificates", "signedBy"] as const;
/** Those that a hub has beside them. */
export const hubCertificateFields = ["certificateFiles", "nextPins", "clientAuthority"] as const;

const pairFields = ["privateKey", "certificate"] as const;

const pair = "{ privateKey, certificate }, both as PEM";

/** `generation` is the field that counts the keys which are made here. */
export function checkCertificates(check: ArgsCheck, generation: string): void {
    const given = ["certificates", "signedBy", "certificateFiles"].filter(
        (field) => check.args[field] !== undefined,
    );
    for (const other of given.slice(1))
        check.problems.add(
            other,
            `does not go with ${given[0]}: a machine's certificate comes from one place`,
        );
    if (check.args[generation] !== undefined && given.some((field) => field !== "signedBy"))
        check.problems.add(
            generation,
            "counts the keys that are made here, and yours are your own: leave it out",
        );
    ownCertificates(check);
    ownAuthority(check);
}

export function checkHubCertificates(check: ArgsCheck): void {
    certificateFileProblems(check);
    checkPins(check, "nextPins");
    check.given("clientAuthority", authorityFault);
}

function ownCertificates(check: ArgsCheck): void {
    const { certificates } = check.args;
    if (typeof certificates === "string") {
        check.problems.add("certificates", `given a string, allowed: a list of ${pair}`);
        return;
    }
    const entries = check.items("certificates", pair);
    if (Array.isArray(certificates) && certificates.length === 0)
        check.problems.add("certificates", `given an empty list, allowed: at least one of ${pair}`);
    const whole = entries.flatMap(({ value, at }) => checkPair(value, at, check) ?? []);
    for (const type of duplicateKeyTypes(whole)) {
        check.problems.add("certificates", severalOf(type));
    }
}

export const severalOf = (type: string): string =>
    `has several keys of type ${type}, with which Postfix goes without TLS: keep one of each type`;

function ownAuthority(check: ArgsCheck): void {
    const { signedBy: value } = check.args;
    if (value === undefined || !check.isKnown(value)) return;
    const at = check.problems.at("signedBy");
    const ca = checkPair(value, at, check);
    if (ca && readCertificates(ca.certificate).certificates[0]?.ca === false) {
        at.add(
            "certificate",
            "is no CA's: nobody would trust what it signs; give one with the basic constraint CA:TRUE, or use certificates for a machine's own",
        );
    }
}

/** What is wrong with one key and its certificate; they come back where both are there. Never repeats a part of them. */
export function checkPair(
    value: unknown,
    at: ProblemSink,
    { isKnown }: { isKnown: IsKnown },
): ChainEntry | undefined {
    if (!isRecord(value)) {
        at.add("", `given ${typeof value === "string" ? "a string" : show(value)}, allowed: ${pair}`);
        return undefined;
    }
    const check = new ArgsCheck(value, at, isKnown);
    check.onlyFields(pairFields);
    check.required("privateKey", "the private key as PEM");
    check.required("certificate", "the certificate as PEM");
    const texts = pairFields.map((field) => textOf(value, field, at, isKnown));
    const [privateKey, certificate] = texts;
    const problems = chainProblems({ privateKey: privateKey ?? "", certificate: certificate ?? "" });
    for (const { severity, field, reason } of problems) {
        // Of what is not there, or comes later, nothing can be said.
        const there = (field === "privateKey" ? privateKey : certificate) !== undefined;
        if (severity === "error" && there) at.add(field, reason);
    }
    return privateKey === undefined || certificate === undefined ? undefined : { privateKey, certificate };
}

function textOf(
    value: Plain,
    field: string,
    at: ProblemSink,
    isKnown: ArgsCheck["isKnown"],
): string | undefined {
    const text = value[field];
    if (text === undefined || !isKnown(text)) return undefined;
    if (typeof text === "string") return text;
    at.add(field, `given ${show(text)}, allowed: PEM`);
    return undefined;
}
