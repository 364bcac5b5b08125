#!/usr/bin/env node
/** `npx pulumi-postfix COMMAND`: what is around `pulumi up`. Nothing here changes a host. */
import { type ExitCode, exitCodes, UsageError } from "./exit-codes";

interface Command {
    summary: string;
    load(): Promise<(words: string[]) => Promise<ExitCode>>;
}

/** Loaded when it is asked for: `--help` should not wait for SSH. */
const commands: Record<string, Command> = {
    init: {
        summary: "make a Pulumi project that uses this package, or add the package to one",
        load: async () => (await import("./init/index")).init,
    },
    status: {
        summary: "how each machine of a stack is: reached, applied, drifted, its queue, its pins",
        load: async () => (await import("./status/index")).status,
    },
    doctor: {
        summary: "what stands in the way of a machine, before there is a stack, and what to do about it",
        load: async () => (await import("./doctor/index")).doctor,
    },
};

function help(): string {
    const width = Math.max(...Object.keys(commands).map((name) => name.length));
    const lines = Object.entries(commands).map(
        ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
    );
    return `usage: pulumi-postfix COMMAND [--help]\n\n${lines.join("\n")}\n`;
}

async function main([name = "", ...words]: string[]): Promise<ExitCode> {
    if (["", "help", "--help", "-h"].includes(name)) {
        process.stdout.write(help());
        return name === "" ? exitCodes.usage : exitCodes.ok;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new UsageError(`${name} is no command\n${help()}`);
    return (await command.load())(words);
}

// Node opens its debugger on it, to everybody on this machine, and `status` holds a stack's keys.
process.on("SIGUSR1", () => {});

main(process.argv.slice(2)).then(
    (code) => {
        process.exitCode = code;
    },
    (error: Error) => {
        process.stderr.write(`pulumi-postfix: ${error.message.trimEnd()}\n`);
        process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.trouble;
    },
);
