import { on } from "./lab";

/** A place in a host's mail log. */
export const endOfLog = (host: string): number => Number(on(host, "cat /var/log/mail.log | wc -c"));

/** What Postfix has complained of since, as lines without time and process. */
export function complaints(host: string, since: number): string[] {
    const lines = on(
        host,
        `tail -c +${since + 1} /var/log/mail.log | grep -E '(warning|error|fatal|panic): ' || true`,
    );
    return lines
        .split("\n")
        .filter(Boolean)
        .map((line) => line.replace(/^.*?(postfix[^[]*)\[\d+\]: /, "$1: "));
}
