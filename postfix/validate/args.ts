import { nearestName } from "../nearest";
import { type ProblemSink, pathStep } from "../problems";
import { hostnameFault } from "./hostname";
import { show } from "./show";

export type Plain = Record<string, unknown>;

/** Says no for a value that comes later (an output of another resource): it is checked once it is there. */
export type IsKnown = (value: unknown) => boolean;

export function isRecord(value: unknown): value is Plain {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Checks the fields of one object and collects what is wrong with each. */
export class ArgsCheck {
    constructor(
        readonly args: Plain,
        readonly problems: ProblemSink,
        readonly isKnown: IsKnown,
    ) {}

    /** A misspelt field would else be ignored in silence. */
    onlyFields(allowed: readonly string[]): void {
        for (const field of Object.keys(this.args)) {
            if (!allowed.includes(field)) this.problems.add(pathStep(field), unknownReason(field, allowed));
        }
    }

    required(field: string, what: string): void {
        if (this.args[field] === undefined) this.problems.add(field, `missing; ${what}`);
    }

    /** Runs a check on a field that is given and known. */
    given(field: string, fault: (value: unknown) => string | undefined): void {
        const value = this.args[field];
        if (value === undefined || !this.isKnown(value)) return;
        const reason = fault(value);
        if (reason !== undefined) this.problems.add(field, reason);
    }

    oneOf(field: string, words: Record<string, string>): void {
        const allowed = Object.values(words);
        this.given(field, (value) => {
            if (allowed.includes(value as string)) return undefined;
            const meant = typeof value === "string" ? nearestName(value, allowed) : undefined;
            const list = allowed.map((word) => `"${word}"`).join(", ");
            return `given ${show(value)}, allowed: ${list}${meant ? `; is "${meant}" meant?` : ""}`;
        });
    }

    wholeNumber(field: string, least: number, most: number, what: string): void {
        this.given(field, (value) =>
            Number.isInteger(value) && Number(value) >= least && Number(value) <= most
                ? undefined
                : `given ${show(value)}, allowed: ${what}`,
        );
    }

    port(field: string): void {
        this.wholeNumber(field, 1, 65535, "a whole number from 1 to 65535, without quotes");
    }

    flag(field: string): void {
        this.given(field, (value) =>
            typeof value === "boolean"
                ? undefined
                : `given ${show(value)}, allowed: true or false, without quotes`,
        );
    }

    text(field: string, what: string): void {
        this.given(field, (value) => {
            if (typeof value !== "string" || value.trim() === "")
                return `given ${show(value)}, allowed: ${what}`;
            return value.includes("\0") ? `holds a NUL character, allowed: ${what}` : undefined;
        });
    }

    hostname(field: string): void {
        this.given(field, hostnameFault);
    }

    /** The parts of a list that are known, each with its place. */
    items(field: string, what: string): { value: unknown; at: ProblemSink; index: number }[] {
        const value = this.args[field];
        if (value === undefined || !this.isKnown(value)) return [];
        if (!Array.isArray(value)) {
            this.problems.add(field, `given ${show(value)}, allowed: a list of ${what}`);
            return [];
        }
        return value.flatMap((item: unknown, index) =>
            this.isKnown(item)
                ? [{ value: item, at: this.problems.at(field).at(pathStep(index)), index }]
                : [],
        );
    }
}

export function unknownReason(field: string, allowed: readonly string[]): string {
    const meant = nearestName(field, allowed);
    return meant ? `unknown; is ${meant} meant?` : `unknown; allowed: ${allowed.join(", ")}`;
}
