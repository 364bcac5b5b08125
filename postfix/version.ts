/** A Postfix version. Parameters come with minor releases; a few came later to older ones too, by a patch. */
export interface Version {
    major: number;
    minor: number;
    patch: number;
}

/** The range that the lab and the parameter table cover. */
export const oldestVersion = "3.5";
export const newestVersion = "3.11";

/** `3.7.11`, also with what a snapshot or a distribution puts behind it; no patch level is the first. */
export function parseVersion(text: string): Version | undefined {
    const [, major, minor, patch] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
    if (!major || !minor) return undefined;
    return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0) };
}

export function atLeast(version: Version, since: string): boolean {
    const wanted = parseVersion(since);
    if (!wanted) throw new Error(`no version: ${since}`);
    const { major, minor, patch } = wanted;
    if (version.major !== major) return version.major > major;
    if (version.minor !== minor) return version.minor > minor;
    return version.patch >= patch;
}

/** Whether a version has what came with `since`, or with a patch of its own minor release among `backports`. */
export function has(version: Version, since: string, backports: readonly string[] = []): boolean {
    return atLeast(version, since) || backports.some((patch) => backportOf(version, patch));
}

function backportOf(version: Version, patch: string): boolean {
    const from = parseVersion(patch);
    return from?.major === version.major && from.minor === version.minor && version.patch >= from.patch;
}
