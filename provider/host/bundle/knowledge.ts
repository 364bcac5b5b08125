import { installation } from "../../../postfix/exclusive";
import { alsoDecides, exitParameters, harmlessTls } from "../../../postfix/exits";
import { decisive } from "../../../postfix/judge/open-relay";
import { levels } from "../../../postfix/levels";
import { legacyPartners, restartParameters } from "../../../postfix/parameters";
import { namedPorts } from "../../../postfix/services";
import { sessionCaches } from "../../../postfix/session-caches";
import { stockServices, stockValues } from "../../../postfix/stock";
import type { HostInputs } from "../inputs";
import type { Range } from "./ranges";
import { decidesRelaying } from "./unjudged";

/** The tables of postfix/ as plan.awk reads them: a kind, then fields, with tabs between them. */
export function knowledge(inputs: HostInputs): string[] {
    const rows: (string | number)[][] = [
        ["exclusive", inputs.exclusive ? "yes" : "no"],
        ["judged", decidesRelaying(inputs) ? "yes" : "no"],
        ["levels", levels.length],
        ...levels.map((level, index) => ["level", level, index]).filter(([, level]) => level !== ""),
        ...inputs.takeOver.map((name) => ["takeover", name]),
        ...Object.entries(stockValues).flatMap(([name, values]) =>
            values.map((value) => ["stock", name, value]),
        ),
        ...[...stockServices].map((line) => ["stockservice", line]),
        ...exitParameters.flatMap(({ name, reason, safe, harmless }) => [
            ["exit", name, reason],
            ...(safe === undefined ? [] : [["safe", name, safe]]),
            ...(harmless === undefined ? [] : [["harmless", name, posix(harmless)]]),
        ]),
        ...[...harmlessTls].map((name) => ["harmlesstls", name]),
        ...[...alsoDecides].map((name) => ["decides", name]),
        ...decisive.map((name) => ["decisive", name]),
        ...(inputs.exclusive ? [...installation].map((name) => ["installation", name]) : []),
        ...[...restartParameters].map((name) => ["restart", name]),
        ...Object.entries(namedPorts).map(([name, port]) => ["port", name, port]),
        ...Object.entries(sessionCaches).map(([name, file]) => ["cache", name, file ?? ""]),
    ];
    return rows.map((row) => row.join("\t"));
}

/** One range's lines, in the same form. */
export function rangeRows({ main, services }: Range): string[] {
    const names = main.flatMap((line) => /^[^\s=]+/.exec(line) ?? []);
    return [
        ...names.flatMap((name) => legacyPartners[name] ?? []).map((name) => `partner\t${name}`),
        ...main.map((line) => `main\t${line}`),
        ...services.flatMap(({ name, yields, lines }) => [
            `service\t${name}\t${yields ? "yes" : "no"}`,
            ...lines.map((line) => `master\t${line}`),
        ]),
    ];
}

/** An expression as awk's: it has no `\S`. */
function posix({ source }: RegExp): string {
    return source.replaceAll("\\S", "[^[:space:]]");
}
