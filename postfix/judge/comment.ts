/** Values that are words for people: a # may stand in them. */
const prose = /^mail_name$|_(banner|reply|footer|notice|text|reason|command|filter|class)$/;

/** main.cf knows comments only as lines of their own; behind a value they are part of it (postconf(5)). */
export function commentFault(name: string, value: string): string | undefined {
    // In braces stands a table of its own, whose patterns may hold one (DATABASE_README, inline).
    return !prose.test(name) && !value.includes("{") && /\s#/.test(value)
        ? "holds a # behind a blank: main.cf has no comments behind a value, Postfix would read it as part of it. Take it out"
        : undefined;
}
