/** Types of lookup tables that are a package or a choice at build time (DATABASE_README). */
const optional = [
    ...["btree", "cdb", "dbm", "hash", "lmdb", "sdbm"],
    ...["ldap", "memcache", "mongodb", "mysql", "nis", "pcre", "pgsql", "sqlite"],
];
const prefixes = ["proxy", "debug", "maybe"];

/** A table of a type that this Postfix lacks: the daemon that opens it ends, and mail waits or is refused with 451. */
export function lookupTypeFaults(value: string, mapTypes: readonly string[]): string[] {
    const missing = optionalTypes(value).filter((type) => !mapTypes.includes(type));
    return missing.map(
        (type) =>
            `names a table of type "${type}", which Postfix on this host does not have; it has: ${mapTypes.filter((known) => !prefixes.includes(known)).join(", ")}. ${installOrChoose(type)} another type`,
    );
}

/** Debian's packages of single types; the other optional ones are in its postfix, or nowhere in it. */
export const packagedTypes = ["cdb", "ldap", "lmdb", "mongodb", "mysql", "pcre", "pgsql", "sqlite"];

/** How a host comes by a type of table, as the beginning of a sentence that names others. */
export const installOrChoose = (type: string): string =>
    packagedTypes.includes(type)
        ? `Install its package there (on Debian: postfix-${type}), or choose`
        : "Choose";

/** The types that a value names and that not every Postfix has. */
export function optionalTypes(value: string): string[] {
    const types = [...value.matchAll(/(?<![\w$./{-])([a-z]+):(?=\S)/g)].map(([, type = ""]) => type);
    return [...new Set(types.filter((type) => optional.includes(type)))];
}

/** Tables that daemons make themselves when they need them (tlsmgr(8), verify(8), postscreen(8)). */
const caches = /^(.*_session_cache_database|.*_cache_map|address_verify_map)$/;

/** The tables as files on the host that a value names: `type:/path`. */
export function namedTables(name: string, value: string): string[] {
    if (caches.test(name)) return [];
    const indexed = /(?<![\w$./-])((?:hash|btree|lmdb|cdb|texthash|regexp|pcre|cidr):\/[\w./@+-]+)/g;
    return [...value.matchAll(indexed)].map(([, table = ""]) => table);
}
