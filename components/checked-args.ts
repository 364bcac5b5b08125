import * as pulumi from "@pulumi/pulumi";
import { type ProblemSink, Problems, pathStep } from "../postfix/problems";
import { InputError } from "./input-error";

type Plain = Record<string, unknown>;
type Validate = (args: Plain, problems: ProblemSink, isKnown: (value: unknown) => boolean) => void;

/**
 * Checks what is plain at once, all problems in one error. What comes later (an output, a promise) is checked when
 * it is there: the returned copy has each of these passed through the same check, so that no resource sees a bad one.
 */
export function checkedArgs<T extends object>(subject: string, args: T, validate: Validate): T {
    const given: Plain = typeof args === "object" && args !== null ? { ...args } : {};
    assertValid(subject, given, validate);
    return copy(given, (later, path) =>
        (pulumi.output(later) as pulumi.Output<unknown>).apply((value) => {
            assertValid(subject, replace(given, path, value) as Plain, validate);
            return value;
        }),
    ) as T;
}

/** Throws all problems of plain args. */
export function assertValid(subject: string, args: Plain, validate: Validate): void {
    const problems = new Problems();
    validate(args, problems, (value) => !comesLater(value));
    refuseLostKeys(args, problems);
    if (problems.list.length > 0) throw new InputError(subject, problems.list);
}

/** The SDK copies objects key by key, and makes what stands under this one their prototype instead. */
function refuseLostKeys(value: unknown, problems: ProblemSink): void {
    if (Array.isArray(value))
        for (const [index, item] of value.entries()) refuseLostKeys(item, problems.at(pathStep(index)));
    if (!isPlainObject(value)) return;
    for (const [key, below] of Object.entries(value)) {
        const at = problems.at(pathStep(key));
        if (key === "__proto__")
            at.add("", "is a key that would be lost on the way, JavaScript has its own: leave it out");
        refuseLostKeys(below, at);
    }
}

/** An output or a promise: not there yet. */
export function comesLater(value: unknown): boolean {
    return pulumi.Output.isInstance(value) || value instanceof Promise;
}

function isPlainObject(value: unknown): value is Plain {
    return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

type Path = (string | number)[];

function copy(value: unknown, later: (value: unknown, path: Path) => unknown, path: Path = []): unknown {
    if (comesLater(value)) return later(value, path);
    if (Array.isArray(value)) return value.map((item, index) => copy(item, later, [...path, index]));
    if (!isPlainObject(value)) return value;
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(fields.map(([name, field]) => [name, copy(field, later, [...path, name])]));
}

/** A copy of `value` with one part of it exchanged. */
function replace(value: unknown, path: Path, part: unknown): unknown {
    const [step, ...rest] = path;
    if (step === undefined) return part;
    if (Array.isArray(value))
        return value.map((item, index) => (index === step ? replace(item, rest, part) : item));
    const fields = value as Plain;
    return { ...fields, [step]: replace(fields[step], rest, part) };
}
