import { createHash } from "node:crypto";
import type { HostSettings } from "../settings";
import type { Identity } from "./relay-access";

/** Name of the table in `tables`: from a laptop's key to the class of what it may send as. */
const sendersTable = "senders";

/** The list in which all owners name such tables, as smtpd_sender_restrictions. */
export const senderLimits = "laptop_sender_limits";
/** The list of the classes in them: smtpd(8) opens tables in its RHS only if it knows them before (RESTRICTION_CLASS_README). */
export const senderClasses = "laptop_sender_classes";

/** What a laptop may send as: a class of restrictions by what it says, so that two sets of laptops can share it. */
export function senderClass(senders: string[]): { name: string; restrictions: string } {
    const allowed = [...new Set(senders.map((sender) => sender.toLowerCase()))].sort();
    const digest = createHash("sha256").update(allowed.join("\n")).digest("hex").slice(0, 12);
    // The null sender is that of bounces and delay warnings, and can pretend to be nobody.
    const keys = ["<>", ...allowed.map((sender) => sender.replace(/^@/, ""))];
    const table = keys.map((key) => `{${key} = OK}`).join(", ");
    return {
        name: `pulumi_senders_${digest}`,
        // 450: a laptop that is set up wrongly keeps its mail, and whoever stole one gains nothing by it.
        restrictions: `check_sender_access inline:{ ${table} }, check_sender_access static:{450 4.7.1 this laptop may not send as this address}`,
    };
}

/** The limits of a set of laptops; nothing at all where none of them has any. */
export function senderLimitSettings(laptops: Identity[]): Pick<HostSettings, "main" | "lists" | "tables"> {
    const limited = laptops.flatMap(({ pins, senders = [] }) =>
        senders.length > 0 ? [{ pins, ...senderClass(senders) }] : [],
    );
    if (limited.length === 0) return { main: {}, lists: {}, tables: {} };
    const classes = Object.fromEntries(limited.map(({ name, restrictions }) => [name, restrictions]));
    const entries = limited.flatMap(({ pins, name }) => pins.map((pin) => [pin, name] as const));
    return {
        main: classes,
        lists: {
            [senderLimits]: `check_ccert_access @{${sendersTable}}`,
            // As a reference, or postconf(1) would call the class an unused parameter.
            [senderClasses]: Object.keys(classes)
                .map((name) => `\${${name}?${name}}`)
                .join(" "),
        },
        tables: { [sendersTable]: { entries: Object.fromEntries(entries) } },
    };
}

/** Parameters of the laptops' service by which it heeds the limits of all owners. */
export const senderLimitOptions = {
    smtpd_restriction_classes: `$pulumi_${senderClasses}`,
    smtpd_sender_restrictions: `$pulumi_${senderLimits}`,
    // The default without smtpd_access_maps: a domain stands for its own addresses and not for those below it.
    parent_domain_matches_subdomains:
        "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains",
};
