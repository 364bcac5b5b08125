import type { Setting } from "./main-cf";
import { atLeast, parseVersion } from "./version";

/** Where TLS sessions are kept; smtpd(8) has needed no such file since 2.11, it hands out tickets (postconf(5)). */
export const sessionCaches: Record<string, string | undefined> = {
    smtp_tls_session_cache_database: "smtp_scache",
    smtpd_tls_session_cache_database: undefined,
    lmtp_tls_session_cache_database: "lmtp_scache",
};

/** A line that has to yield, and what takes its place. */
export interface YieldingCache {
    line: Setting;
    /** Absent: nothing does. */
    value?: string;
    /** It never worked, so an administrator has to hear of it. */
    broken: boolean;
}

/**
 * Session caches of which each tlsmgr(8) warns. Those on `${spool_directory}`, which old instructions write and which
 * is no parameter of Postfix: it is read as nothing, and the path becomes `/smtp_scache`. And Debian's own line, where
 * Postfix warns of its type.
 */
export function yieldingCaches(settings: Setting[], version: string, mapTypes: string[]): YieldingCache[] {
    const ofOldInstructions = settings.some(({ name }) => name === "spool_directory")
        ? () => false
        : ({ value }: Setting) => /\$[{(]?spool_directory\b/.test(value);
    const type = cacheType(version, mapTypes);
    const outdated = ({ value }: Setting) => value === debians && type === "lmdb";
    return settings.flatMap((line) => {
        if (!Object.hasOwn(sessionCaches, line.name)) return [];
        const broken = ofOldInstructions(line);
        if (!broken && !outdated(line)) return [];
        const file = sessionCaches[line.name];
        return [{ line, value: file && type && `${type}:\${data_directory}/${file}`, broken }];
    });
}

/** What the package of every release writes (stock.ts): nobody chose it. */
const debians = "btree:${data_directory}/smtp_scache";

/** One that can be written to and of which no log complains: Berkeley DB is on its way out since 3.11. */
function cacheType(version: string, mapTypes: string[]): string | undefined {
    const known = parseVersion(version);
    const order = known && atLeast(known, "3.11") ? ["lmdb", "btree"] : ["btree", "lmdb"];
    return order.find((type) => mapTypes.includes(type));
}
