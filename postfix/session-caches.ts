import type { Setting } from "./main-cf";
import { atLeast, parseVersion } from "./version";

/** Where TLS sessions are kept; smtpd(8) has needed no such file since 2.11, it hands out tickets (postconf(5)). */
const caches: Record<string, string | undefined> = {
    smtp_tls_session_cache_database: "smtp_scache",
    smtpd_tls_session_cache_database: undefined,
    lmtp_tls_session_cache_database: "lmtp_scache",
};

/** A line that never worked, and what takes its place. */
export interface BrokenCache {
    line: Setting;
    /** Absent: nothing does. */
    value?: string;
}

/**
 * Session caches on `${spool_directory}`, which old instructions write and which is no parameter of Postfix: it is
 * read as nothing, the path becomes `/smtp_scache`, and each tlsmgr(8) warns that it has to go elsewhere.
 */
export function brokenCaches(settings: Setting[], version: string, mapTypes: string[]): BrokenCache[] {
    if (settings.some(({ name }) => name === "spool_directory")) return [];
    return settings
        .filter(({ name, value }) => Object.hasOwn(caches, name) && /\$[{(]?spool_directory\b/.test(value))
        .map((line) => {
            const file = caches[line.name];
            const type = cacheType(version, mapTypes);
            return { line, value: file && type && `${type}:\${data_directory}/${file}` };
        });
}

/** One that can be written to and of which no log complains: Berkeley DB is on its way out since 3.11. */
function cacheType(version: string, mapTypes: string[]): string | undefined {
    const known = parseVersion(version);
    const order = known && atLeast(known, "3.11") ? ["lmdb", "btree"] : ["btree", "lmdb"];
    return order.find((type) => mapTypes.includes(type));
}
