import type { Setting } from "./main-cf";
import type { MasterService } from "./master-cf";

/**
 * A parameter by which a laptop's mail could leave for another host than its hub, or reach the hub with its key
 * unchecked. Closed means: not set by others, so that the built-in default counts, or set to what is safe.
 */
export interface ExitParameter {
    name: string;
    /** The value with which it is no exit: the built-in default, but for `tls_required_enable`. */
    safe?: string;
    /** What it can do, as the second half of a sentence about the line. */
    reason: string;
    /** Further values with which the line may stay as it is. */
    harmless?: RegExp;
}

const route = "can send mail past the hub";
const probe = "can send the address checks of Postfix past the hub";
const filter = "hands every message to another host or program before the pin is looked at";
const check = "can send messages elsewhere by a FILTER action";
/** Where the safe value names another parameter, no table at all is safe too. */
const empty = /^$/;
/** Delivery that ends on this machine; lmtp(8) over TCP is not covered by the pin, which is smtp(8)'s. */
const staysHere = /^((local|virtual)(:\S*)?|lmtp:unix:\S+)$/;

/** Read by cleanup(8), pickup(8), qmgr(8), smtp(8), smtpd(8), trivial-rewrite(8) and verify(8); see their manuals. */
export const exitParameters: ExitParameter[] = [
    { name: "transport_maps", safe: "", reason: route },
    { name: "sender_dependent_default_transport_maps", safe: "", reason: route },
    { name: "sender_dependent_relayhost_maps", safe: "", reason: route },
    { name: "default_transport", safe: "smtp", reason: route },
    { name: "relay_transport", safe: "relay", reason: route },
    { name: "best_mx_transport", safe: "", reason: route },
    { name: "smtp_fallback_relay", safe: "", reason: route },
    // The name that smtp_fallback_relay had before 2.3 and still takes its default from (postconf(5)).
    { name: "fallback_relay", safe: "", reason: route },
    { name: "local_transport", safe: "local:$myhostname", reason: route, harmless: staysHere },
    { name: "virtual_transport", safe: "virtual", reason: route, harmless: staysHere },
    { name: "mailbox_transport", safe: "", reason: route, harmless: staysHere },
    { name: "mailbox_transport_maps", safe: "", reason: route },
    { name: "fallback_transport", safe: "", reason: route, harmless: staysHere },
    { name: "fallback_transport_maps", safe: "", reason: route },

    { name: "address_verify_transport_maps", safe: "$transport_maps", reason: probe, harmless: empty },
    { name: "address_verify_default_transport", safe: "$default_transport", reason: probe },
    { name: "address_verify_relay_transport", safe: "$relay_transport", reason: probe },
    { name: "address_verify_local_transport", safe: "$local_transport", reason: probe },
    { name: "address_verify_virtual_transport", safe: "$virtual_transport", reason: probe },
    { name: "address_verify_relayhost", safe: "$relayhost", reason: probe },
    {
        name: "address_verify_sender_dependent_relayhost_maps",
        safe: "$sender_dependent_relayhost_maps",
        reason: probe,
        harmless: empty,
    },
    {
        name: "address_verify_sender_dependent_default_transport_maps",
        safe: "$sender_dependent_default_transport_maps",
        reason: probe,
        harmless: empty,
    },

    { name: "content_filter", safe: "", reason: filter },
    { name: "smtpd_proxy_filter", safe: "", reason: filter },
    { name: "header_checks", safe: "", reason: check },
    { name: "mime_header_checks", safe: "$header_checks", reason: check, harmless: empty },
    { name: "nested_header_checks", safe: "$header_checks", reason: check, harmless: empty },
    { name: "body_checks", safe: "", reason: check },
    { name: "milter_header_checks", safe: "", reason: check },

    { name: "smtp_tls_policy_maps", safe: "", reason: "can replace the pin for a destination" },
    { name: "smtp_tls_per_site", safe: "", reason: "can replace the pin for a destination" },
    {
        name: "tls_required_enable",
        safe: "no",
        reason: "lets a message switch the pin off by its TLS-Required header (RFC 8689)",
    },
];

/** Of the many `smtp_tls_*`, those that leave both the peer's key and the encryption as they are. */
export const harmlessTls = new Set([
    "smtp_tls_block_early_mail_reply",
    "smtp_tls_connection_reuse",
    "smtp_tls_loglevel",
    "smtp_tls_note_starttls_offer",
    "smtp_tls_session_cache_database",
    "smtp_tls_session_cache_timeout",
]);

/** Read by smtp(8) too, and part of what decides whether a hub is believed. */
export const alsoDecides = new Set(["tls_append_default_CA"]);

/** The exit that a setting opens, if it does; lines with harmless values may stay. */
export function exitOf(name: string, value: string): ExitParameter | undefined {
    const exit = exitParameters.find((parameter) => parameter.name === name);
    if (!exit || value === exit.safe || exit.harmless?.test(value)) return undefined;
    return exit;
}

/** A line of the host by which mail could get around the pin. */
export interface OpenExit {
    /** Number of the line as an editor counts it. */
    where: number;
    text: string;
    reason: string;
    /** The parameter in main.cf, or the service in master.cf as `smtp/unix`. */
    name: string;
    /** The `-o` of the service that opens it; absent where the service itself does. */
    option?: string;
}

/**
 * The exits that lines of others leave open. Services count all: an `-o` beats main.cf, whatever the daemon, and
 * further smtp(8) services without one are as pinned as the first. One that says what the laptop's own settings say
 * (`own`) may stay. What an access table or a Milter does is not seen here, nor a second Postfix instance.
 */
export function openExits(
    mainSettings: Setting[],
    services: MasterService[],
    own: Record<string, string>,
): OpenExit[] {
    const main = mainSettings.flatMap(({ name, value, first }): OpenExit[] => {
        const exit = exitOf(name, value);
        return exit
            ? [{ where: first + 1, text: `${name} = ${value}`.trimEnd(), reason: exit.reason, name }]
            : [];
    });
    return [...main, ...services.flatMap((service) => serviceExits(service, own))];
}

function serviceExits(service: MasterService, own: Record<string, string>): OpenExit[] {
    const name = `${service.service}/${service.type}`;
    const where = service.first + 1;
    const exits = service.options.flatMap((option): OpenExit[] => {
        const reason =
            own[option.name] === option.value ? undefined : optionExit(service, option.name, option.value);
        if (!reason) return [];
        const text = `${name} ${service.command} -o ${option.name}=${option.value}`;
        return [{ where, name, text, reason, option: option.name }];
    });
    // The two services that mail for other hosts goes to by default (postconf(5), default_ and relay_transport).
    const outbound = name === "smtp/unix" || name === "relay/unix";
    if (outbound && service.command !== "smtp") {
        const reason = `${route}: outbound mail must go through smtp(8), only that checks the pin`;
        exits.unshift({ where, name, text: `${name} ${service.command}`, reason });
    }
    return exits;
}

function optionExit(service: MasterService, name: string, value: string): string | undefined {
    const exit = exitOf(name, value);
    if (exit) return `${exit.reason}, for this service whatever main.cf says`;
    // Only trivial-rewrite(8) reads it, and there it is the route of all mail.
    if (name === "relayhost") return `${route}, whatever main.cf says`;
    const decides = name.startsWith("smtp_tls_") || alsoDecides.has(name);
    if (service.command.split("/").at(-1) !== "smtp" || !decides || harmlessTls.has(name)) return undefined;
    return exitParameters.some((parameter) => parameter.name === name)
        ? undefined
        : "weakens or replaces the pin for this service, whatever main.cf says";
}
