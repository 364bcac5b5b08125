import { pinProblem } from "../pins";
import { joinPath, type ProblemSink, pathStep } from "../problems";
import { levelOf } from "../roles/routes";
import { Security } from "../words";
import { type IsKnown, isRecord, type Plain } from "./args";
import { show } from "./show";

/** Levels at which a laptop's mail is encrypted or waits; each of the others sends in clear where it must. */
const levels = Object.values(levelOf);

/** The parameters that name a hub for some mail, and how their tables write it. */
const routeMaps: Record<string, RegExp> = {
    sender_dependent_relayhost_maps: /^(\[[^[\]\s]+\](?::\d+)?)$/,
    transport_maps: /^smtp:(\[[^[\]\s]+\](?::\d+)?)$/,
};

/** The parameters of a laptop that may name a table of its own, and nothing else. */
export const ownMaps = [...Object.keys(routeMaps), "smtp_tls_policy_maps"];

/**
 * What a laptop's settings must say so that its mail goes to a proven hub or waits: whatever is left out or misspelt
 * would go to whoever answers.
 */
export function validateLaptop(inputs: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const { main, tables = {} } = inputs;
    if (!isKnown(main)) return;
    const values = (main ?? {}) as Plain;
    const check = new LaptopCheck(values, isKnown(tables) ? tables : undefined, problems, isKnown);
    check.level();
    check.routes();
}

class LaptopCheck {
    private readonly at: ProblemSink;

    constructor(
        private readonly main: Plain,
        private readonly tables: unknown,
        private readonly problems: ProblemSink,
        private readonly isKnown: IsKnown,
    ) {
        this.at = problems.at("main");
    }

    level(): void {
        const level = this.main.smtp_tls_security_level;
        if (!this.isKnown(level)) return;
        switch (level) {
            case levelOf[Security.Fingerprint]:
                this.pins();
                return;
            case levelOf[Security.Encrypt]:
                return;
            case levelOf[Security.Secure]:
                this.needs("smtp_tls_CAfile", "the file of the CA that vouches for the hub");
                this.needs(
                    "smtp_tls_secure_cert_match",
                    'the name in the hub\'s certificate, or "nexthop" for the one that is dialled',
                );
                return;
            case levelOf[Security.Dane]:
                this.needs(
                    "smtp_dns_support_level",
                    '"dnssec", or no TLSA record would be believed',
                    "dnssec",
                );
                return;
            default:
                this.at.add(
                    "smtp_tls_security_level",
                    `given ${show(level)}, allowed on a laptop: ${levels.map((word) => `"${word}"`).join(", ")}`,
                );
        }
    }

    /** Every next hop that mail can get must be one that the laptop knows how to prove. */
    routes(): void {
        const hops = this.relayhosts();
        for (const [name, form] of Object.entries(routeMaps)) {
            for (const [key, value] of this.tableOf(name)) {
                if (!this.isKnown(value)) continue;
                const hop = typeof value === "string" ? form.exec(value)?.[1] : undefined;
                if (hop) hops.push({ hop, path: this.place(name, key) });
                else this.problems.add(this.place(name, key), `allowed: ${example(name)}, a hub in brackets`);
            }
        }
        const policies = new Map(this.tableOf("smtp_tls_policy_maps"));
        if (this.main.smtp_tls_policy_maps === undefined || this.main.smtp_tls_policy_maps === "") return;
        const level = this.main.smtp_tls_security_level;
        if (this.isKnown(level) && level !== levelOf[Security.Fingerprint])
            this.at.add("smtp_tls_policy_maps", 'goes with smtp_tls_security_level "fingerprint" only');
        for (const [key, policy] of policies) {
            if (!this.isKnown(policy)) continue;
            const reason = policyProblem(policy);
            if (reason) this.problems.add(this.place("smtp_tls_policy_maps", key), reason);
        }
        if (policies.size === 0) return;
        for (const { hop, path } of hops) {
            if (!policies.has(hop))
                this.problems.add(path, `${hop} has no line in smtp_tls_policy_maps: its mail would wait`);
        }
    }

    /** By one match for all, or by a policy for each next hop; both at once would take one hub's key for another's. */
    private pins(): void {
        const { smtp_tls_policy_maps: maps, smtp_tls_fingerprint_cert_match: match } = this.main;
        if (!this.isKnown(match) || !this.isKnown(maps)) return;
        const at = this.at.at("smtp_tls_fingerprint_cert_match");
        const pins = typeof match === "string" ? match.split(/[\s,]+/).filter(Boolean) : [];
        const policies = maps !== undefined && maps !== "";
        if (pins.length === 0 && !policies)
            at.add("", "a laptop needs at least one pin of its hub, there is none: is the hub's link whole?");
        if (pins.length > 0 && policies)
            at.add("", "must be empty beside smtp_tls_policy_maps: it would count for every next hop");
        for (const pin of pins) {
            const problem = pinProblem(pin);
            if (problem) at.add("", problem);
        }
    }

    private needs(name: string, what: string, only?: string): void {
        const value = this.main[name];
        if (!this.isKnown(value)) return;
        if (only === undefined ? typeof value === "string" && value.trim() !== "" : value === only) return;
        const level = this.main.smtp_tls_security_level;
        this.at.add(name, `given ${show(value)}, allowed at level ${show(level)}: ${what}`);
    }

    private relayhosts(): { hop: string; path: string }[] {
        const { relayhost } = this.main;
        if (!this.isKnown(relayhost) || typeof relayhost !== "string") return [];
        const path = "main.relayhost";
        return relayhost
            .split(/[\s,]+/)
            .filter(Boolean)
            .map((hop) => ({ hop, path }));
    }

    /** The entries of the own table that a parameter names. */
    private tableOf(name: string): [string, unknown][] {
        const value = this.main[name];
        if (value === undefined || value === "" || !this.isKnown(value)) return [];
        const [, table] = /^@\{([a-z0-9_-]+)\}$/.exec(String(value)) ?? [];
        if (!table) {
            this.at.add(
                name,
                `given ${show(value)}, allowed on a laptop: a table of its own, "@{name}" (the components make it)`,
            );
            return [];
        }
        if (!isRecord(this.tables)) return [];
        const settings = this.tables[table];
        if (!this.isKnown(settings)) return [];
        if (!isRecord(settings) || settings.text !== undefined) {
            this.at.add(name, `given ${show(value)}, but there is no table "${table}" of entries`);
            return [];
        }
        const { entries } = settings;
        return this.isKnown(entries) && isRecord(entries) ? Object.entries(entries) : [];
    }

    private place(name: string, key: string): string {
        const table = /^@\{(.*)\}$/.exec(String(this.main[name]))?.[1] ?? "";
        return ["tables", pathStep(table), "entries", pathStep(key)].reduce(joinPath);
    }
}

const example = (name: string): string =>
    name === "transport_maps" ? '"smtp:[mailhub.example.com]:587"' : '"[mailhub.example.com]:587"';

/** A policy that is not as strict as the laptop's own level would be the way around it (postconf(5), smtp_tls_policy_maps). */
function policyProblem(policy: unknown): string | undefined {
    const [level, ...attributes] = typeof policy === "string" ? policy.split(/\s+/) : [];
    if (level !== "fingerprint") return 'allowed: "fingerprint match=PIN match=PIN", and no other level';
    if (attributes.length === 0) return "holds no pin: its mail would wait for ever";
    for (const attribute of attributes) {
        const [, pin] = /^match=(.*)$/.exec(attribute) ?? [];
        const reason = pin === undefined ? "holds something beside match=PIN" : pinProblem(pin);
        if (reason) return reason;
    }
    return undefined;
}
