import { physicalLines, readLogicalLines } from "./logical-lines";
import { parseMainCf } from "./main-cf";
import { parseMasterCf } from "./master-cf";

/** What qmgr(8), pipe(8) and spawn(8) read once for each transport, as `<service>_<ending>` (postconf(5), transport_). */
export const perService = `
    delivery_slot_cost delivery_slot_discount delivery_slot_loan destination_concurrency_failed_cohort_limit
    destination_concurrency_limit destination_concurrency_negative_feedback
    destination_concurrency_positive_feedback destination_rate_delay destination_recipient_limit
    extra_recipient_limit initial_destination_concurrency minimum_delivery_slots recipient_limit
    recipient_refill_delay recipient_refill_limit time_limit transport_rate_delay`
    .trim()
    .split(/\s+/);

/** Tables that may name the place in main.cf where their own parameters stand, e.g. `ldap:people` (ldap_table(5)). */
const withParameters = /\b(?:ldap|mysql|pgsql|sqlite|mongodb|memcache):([A-Za-z0-9_]+)/g;

/**
 * Which names mean something to a Postfix beside its built-in parameters: what other values read as `$name`, classes
 * of restrictions, limits of its own transports, parameters of a database. postconf(1) goes by the same rules.
 */
export function definedNames(mainCf: string, masterCf: string): (name: string) => boolean {
    const main = parseMainCf(mainCf).settings;
    const { services } = parseMasterCf(masterCf);
    const text = [
        ...main.map(({ value }) => value),
        ...readLogicalLines(physicalLines(masterCf)).map((line) => line.text),
    ].join("\n");
    const read = new Set([...text.matchAll(/\$[{(]?([A-Za-z0-9_]+)/g)].map(([, name]) => name));
    const classes = new Set(
        main
            .filter(({ name }) => name === "smtpd_restriction_classes")
            .flatMap(({ value }) => value.split(/[\s,]+/)),
    );
    const limits = new Set(services.flatMap(({ service }) => perService.map((end) => `${service}_${end}`)));
    const databases = [...text.matchAll(withParameters)].map(([, place]) => `${place}_`);
    return (name) =>
        read.has(name) ||
        classes.has(name) ||
        limits.has(name) ||
        databases.some((place) => name.startsWith(place));
}
