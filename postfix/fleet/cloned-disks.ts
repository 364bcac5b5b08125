import { isRecord, type Plain } from "../validate/args";
import { fingerprint, parseHostKeys } from "../validate/host-key";

/**
 * Laptops that have one SSH host key, as those do whose disk was copied from one another. No error: a key may stand
 * for several on purpose, while a re-installed laptop has two names. One warning for each key.
 */
export function clonedDisks(laptops: { name: string; args: Plain }[]): string[] {
    const holders = new Map<string, string[]>();
    for (const { name, args } of laptops) {
        const { connection } = args;
        if (!isRecord(connection) || typeof connection.hostKey !== "string") continue;
        const prints = parseHostKeys(connection.hostKey).keys.map(({ blob }) => fingerprint(blob));
        for (const print of new Set(prints)) holders.set(print, [...(holders.get(print) ?? []), name]);
    }
    return [...holders].flatMap(([print, names]) => {
        if (names.length < 2) return [];
        const remedy =
            "Is one's disk a copy of another's? Then each can pose as the other: make new host keys on all but one " +
            "(rm /etc/ssh/ssh_host_*; ssh-keygen -A; restart sshd), and write the new hostKey here";
        return [`${namesOf(names)} have one SSH host key (${print}). ${remedy}`];
    });
}

/** Names for a sentence; of very many, the first few. */
function namesOf(names: string[]): string {
    const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
    return `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
