import { on } from "./lab";

/** A place in a host's mail log. */
export const endOfLog = (host: string): number => Number(on(host, "cat /var/log/mail.log | wc -c"));

/** Postfix holds the time of a new file against its own; around the turn of a second a machine may give it two. */
const machineClock =
    /: file system clock is 1 seconds ahead of local clock$|: resetting file time stamps - this hurts performance$/;

/** Whether Postfix complains of something in a line of its log, other than of the clock of the machine the tests run on. */
export const complains = (line: string): boolean =>
    /(warning|error|fatal|panic): /.test(line) && !machineClock.test(line);

/** What Postfix has complained of since, as lines without time and process. */
export function complaints(host: string, since = 0): string[] {
    return on(host, `tail -c +${since + 1} /var/log/mail.log`)
        .split("\n")
        .filter(complains)
        .map((line) => line.replace(/^.*?(postfix[^[]*)\[\d+\]: /, "$1: "));
}

/**
 * The same, without the session cache that 3.11 finds outdated in Debian's own main.cf: of that it may warn until a
 * change is made, which moves it.
 */
export const complaintsButOfCaches = (host: string, since = 0): string[] =>
    complaints(host, since).filter(
        (line) => !/smtp_scache: hash\/btree support is deprecated|NON_BERKELEYDB_README/.test(line),
    );
