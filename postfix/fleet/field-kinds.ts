/** Which fields of a laptop hold numbers, so that a file without types (CSV) can say them. */
export const numberFields = [
    "clientKeyGeneration",
    "earlyRenewalHours",
    "hubPort",
    "tlsLogLevel",
    "validityPeriodHours",
] as const;

/** Which ones are true or false. */
export const flagFields = [
    "allowUnknown",
    "bundle",
    "chroot",
    "exclusive",
    "flushOnNetwork",
    "implicitTls",
    "insecureIgnoreHostKey",
    "installPackage",
    "receivedHeader",
    "sudo",
] as const;

/** Which fields of a connection, and of its jump host, hold numbers. */
export const connectionNumberFields = ["dialErrorLimit", "perDialTimeout", "port"] as const;

const numbers = new Set<string>([
    ...numberFields,
    ...connectionNumberFields.flatMap((field) => [`connection.${field}`, `connection.proxy.${field}`]),
]);
const flags = new Set<string>(flagFields);

/** The text of a field as what is wanted there. One that is nothing of the kind stays as it is, for the check to name. */
export function typedValue(path: string, text: string): unknown {
    if (numbers.has(path) && /^-?\d{1,15}$/.test(text)) return Number(text);
    const word = text.toLowerCase();
    // A spreadsheet writes them in capitals.
    if (flags.has(path) && (word === "true" || word === "false")) return word === "true";
    return text;
}
