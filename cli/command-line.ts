import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./exit-codes";

/** A command's words by its options; what is wrong with them is told with how they are right. */
export function parsed<const Config extends ParseArgsConfig>(
    usage: string,
    config: Config,
): ReturnType<typeof parseArgs<Config>> {
    try {
        return parseArgs(config);
    } catch (error) {
        throw new UsageError(`${(error as Error).message}\n${usage}`);
    }
}
