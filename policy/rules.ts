import { X509Certificate } from "node:crypto";

/** The inputs of a `postfix:index:Host`, as a policy sees them. */
export type Inputs = Record<string, unknown>;

/** What is wrong with them by one rule; nothing: all is well. */
export type Rule = (inputs: Inputs) => string[];

const map = (value: unknown): Inputs =>
    typeof value === "object" && value !== null ? (value as Inputs) : {};

/** Somebody between would get the private keys. */
export const knowsHostKey: Rule = ({ connection, knownHosts, insecureIgnoreHostKey }) => {
    const hops = [
        ["connection", map(connection)],
        ...(map(connection).proxy === undefined
            ? []
            : [["connection.proxy", map(map(connection).proxy)] as const]),
    ] as const;
    const unknown = hops.filter(([, { hostKey }]) => !hostKey && !knownHosts);
    return [
        ...(insecureIgnoreHostKey === true
            ? ["insecureIgnoreHostKey: is true, so anybody may answer for this machine"]
            : []),
        ...unknown.map(([path]) => `${path}.hostKey: is missing, and there are no knownHosts`),
    ];
};

const strongLevels = ["fingerprint", "secure", "dane-only"];

/** A laptop that takes whoever answers for its hub. */
export const knowsItsHub: Rule = ({ role, main }) => {
    if (role !== "roadWarrior") return [];
    const level = map(main).smtp_tls_security_level;
    if (typeof level === "string" && strongLevels.includes(level)) return [];
    return [`main.smtp_tls_security_level: is ${JSON.stringify(level)}, allowed: ${strongLevels.join(", ")}`];
};

/** The same of a laptop that is served by a script and has no Host: by the arguments of its component. */
export const bundleKnowsItsHub: Rule = ({ bundle, security }) =>
    bundle === true && security === "encrypt"
        ? ['security: is "encrypt", allowed: "fingerprint", "secure", "dane"']
        : [];

/** The least version of TLS where TLS is a must. */
export const floorOfTls: Rule = ({ main, services }) => {
    const places = [
        ["main", map(main)],
        ...Object.entries(map(services)).map(
            ([name, service]) => [`services["${name}"].options`, map(map(service).options)] as const,
        ),
    ] as const;
    return places.flatMap(([path, settings]) =>
        ["smtp_tls_mandatory_protocols", "smtpd_tls_mandatory_protocols"]
            .filter((name) => name in settings && !/^>=TLSv1\.[23]$/.test(String(settings[name])))
            .map(
                (name) =>
                    `${path}.${name}: is ${JSON.stringify(settings[name])}, allowed: >=TLSv1.2, >=TLSv1.3`,
            ),
    );
};

const dayMs = 86_400_000;

/** A certificate that ends soon. Pins do not mind, other programs that look at the port do. */
export const daysLeft =
    (least: number, now = () => Date.now()): Rule =>
    ({ chains }) =>
        Object.entries(map(chains)).flatMap(([name, entries]) =>
            (Array.isArray(entries) ? entries : []).flatMap((entry, index) => {
                const { certificate } = map(entry);
                if (typeof certificate !== "string" || !certificate.includes("BEGIN CERTIFICATE")) return [];
                const days = Math.floor(
                    (Date.parse(new X509Certificate(certificate).validTo) - now()) / dayMs,
                );
                if (days >= least) return [];
                return [`chains.${name}[${index}].certificate: ${days} days left, at least ${least} wanted`];
            }),
        );
