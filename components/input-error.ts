import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../postfix/problems";

/**
 * Everything that is wrong with the input of one resource. An `InputPropertiesError`, so that a component used from
 * another language reports each property; and a `RunError`, so that a program in TypeScript shows the message alone:
 * the stack of our constructor would help nobody.
 */
export class InputError extends pulumi.InputPropertiesError {
    /** The brand by which `pulumi.RunError.isInstance` knows it, whichever copy of the SDK asks. */
    protected readonly __pulumiRunError = true;

    constructor(subject: string, problems: Problem[]) {
        const lines = problems.map(({ path, reason }) => `  ${path || "args"}: ${reason}`);
        const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
        const text = `${subject} has ${count}:\n${lines.join("\n")}`;
        super({
            message: text,
            errors: problems.map(({ path, reason }) => ({ propertyPath: path, reason })),
        });
        this.name = "InputError";
        // Without frames also because the SDK has every error inspected, and Node 20 does not come to an end, short of half a
        // minute and all memory a string can take, where a frame reads `node_modules/@pulumi/resource.ts`: as the SDK's do.
        this.stack = `${this.name}: ${text}`;
        // The SDK puts `error serializing property "x":` before it, once for each resource that the bad value feeds.
        Object.defineProperty(this, "message", { get: () => text, set: () => undefined, enumerable: false });
    }
}
