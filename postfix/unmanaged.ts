import { lineOwners } from "./fragment/read";
import { parseMainCf } from "./main-cf";
import { holdsPasswords } from "./password-maps";
import { type HostNames, isStockSetting } from "./stock";

/**
 * What others have set in main.cf, as it counts: "name = value" in the order of the file, without what the
 * distribution wrote. Passwords in it are not repeated.
 */
export function unmanagedSettings(mainCf: string, host: HostNames): string[] {
    const owners = lineOwners(mainCf);
    const effective = new Map(parseMainCf(mainCf).settings.map((setting) => [setting.name, setting]));
    return [...effective.values()]
        .filter(({ first }) => owners[first] === undefined)
        .filter(({ name, value }) => !isStockSetting(name, value, host))
        .sort((left, right) => left.first - right.first)
        .map(({ name, value }) => `${name} = ${shown(name, value)}`.trimEnd());
}

/** `ldap_bind_pw`, `mysql_password`, a table of passwords within the value: main.cf is no place for them, but they are there. */
function shown(name: string, value: string): string {
    const secret = /(^|_)(pw|pass|passwd|password|secret|token)$/i.test(name);
    return secret || holdsPasswords(name, value)
        ? "(not shown)"
        : value.replace(/\b(password|passwd)(\s*=\s*)[^\s,}]+/gi, "$1$2(not shown)");
}
