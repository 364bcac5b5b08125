/** Syslog's old form, without a year, and RFC 3339, which rsyslog and the journal write. */
const forms = /^(?:([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)|(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\S*))/;

/** The time that a log's line begins with, in the words of that log. */
export function timeOf(line: string | undefined): string {
    const [, old, day, time] = forms.exec(line ?? "") ?? [];
    return old ?? (day === undefined ? "" : `${day} ${time}`);
}

/**
 * The same as an instant, to sort machines by: seconds since 1970, as near as the line allows. One without a year is of the
 * last twelve months before `now` (ISO 8601), one without a zone is taken for UTC.
 */
export function instantOf(line: string | undefined, now: string): number {
    const [, old, day, time, rest = ""] = forms.exec(line ?? "") ?? [];
    if (old === undefined) {
        const [zone] = /(Z|[+-]\d\d:?\d\d)$/.exec(rest) ?? ["Z"];
        const instant = Date.parse(`${day}T${time}${zone}`);
        return Number.isNaN(instant) ? 0 : instant / 1000;
    }
    const year = Number(now.slice(0, 4));
    const of = (which: number) => Date.parse(`${old} ${which} UTC`) / 1000;
    // A day of grace: the zone of the machine is not known.
    return of(year) > Date.parse(now) / 1000 + 86_400 ? of(year - 1) : of(year);
}
