/**
 * What takes words too, though its default is a number: on some versions, or as a service's name (`lmtp_tcp_port`), a list
 * (`milter_protocol = 6, no_header_reply`), a level's name (tls_misc.c) or a fraction (`1/concurrency`).
 */
const otherwise =
    /^(smtpd_forbid_bare_newline|compatibility_level|lmtp_tcp_port|milter_protocol|.*_loglevel|.*_destination_concurrency_(positive|negative)_feedback|mail_release_date)$/;
/** Negative scores are what it is for: "-1" lets a client pass that one list speaks for (postconf(5)). */
const negative = /^postscreen_dnsbl_(allow|white)list_threshold$/;
/** Of type `long`: all others end with "bad numerical configuration" above this (mail_conf_int.c, mail_conf_long.c). */
const long = new Set([
    "message_size_limit",
    "mailbox_size_limit",
    "virtual_mailbox_limit",
    "queue_minfree",
    "lmdb_map_size",
]);
const most = 2147483647;

/**
 * What a parameter takes shows in its built-in default: `yes`, `300s`, `50`. Anything else is "fatal: bad boolean
 * configuration" (or time, or numerical) for each daemon that reads it, and `postconf` says nothing (postconf(5)).
 */
export function typeFault(name: string, value: string, builtIn: string): string | undefined {
    if (value.includes("$") || otherwise.test(name)) return undefined;
    if (/^(yes|no)$/.test(builtIn))
        return /^(yes|no)$/i.test(value) ? undefined : `given ${JSON.stringify(value)}, allowed: yes or no`;
    if (/^(\d+|\$\{.*\})[smhdw]$/.test(builtIn))
        return /^\+?\d+[smhdw]?$/.test(value)
            ? undefined
            : `given ${JSON.stringify(value)}, allowed: a time, a whole number with s, m, h, d or w behind it, e.g. "${example(builtIn)}"`;
    return /^-?\d+$/.test(builtIn) ? numberFault(name, value, builtIn) : undefined;
}

function numberFault(name: string, value: string, builtIn: string): string | undefined {
    if (!/^[+-]?\d+$/.test(value))
        return `given ${JSON.stringify(value)}, allowed: a whole number without a unit, e.g. "${builtIn}"`;
    if (Number(value) < 0 && Number(builtIn) >= 0 && !negative.test(name))
        return `given ${JSON.stringify(value)}, allowed: a whole number that is not negative, e.g. "${builtIn}"`;
    return Number(value) > most && !long.has(name)
        ? `given ${JSON.stringify(value)}, allowed: a whole number up to ${most}`
        : undefined;
}

const example = (builtIn: string): string => (builtIn.startsWith("$") ? "300s" : builtIn);
