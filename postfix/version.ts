/** A Postfix version, compared by its first two numbers: parameters come with minor releases. */
export interface Version {
    major: number;
    minor: number;
}

/** The range that the lab and the parameter table cover. */
export const oldestVersion = "3.5";
export const newestVersion = "3.11";

export function parseVersion(text: string): Version | undefined {
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? [];
    return major && minor ? { major: Number(major), minor: Number(minor) } : undefined;
}

export function atLeast(version: Version, since: string): boolean {
    const wanted = parseVersion(since);
    if (!wanted) throw new Error(`no version: ${since}`);
    return version.major > wanted.major || (version.major === wanted.major && version.minor >= wanted.minor);
}
