import "./lookups";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { serve } from "./grpc/server";
import { untilTold } from "./life";

/** The engine puts flags of its own (`-v=9`, `--tracing <address>`) before its address. */
const engineAddress = process.argv.slice(2).at(-1);

async function main(): Promise<void> {
    const serving = await serve(
        {
            version: version(),
            schema: async () => (await import("./schema/package")).schema(version()),
            resources: {
                "postfix:index:Host": async () => (await import("./host/index")).hostResource,
            },
            components: async () => (await import("./components")).components,
            functions: {
                "postfix:index:bundle": async () => (await import("./host/bundle/index")).bundleFunction,
            },
        },
        engineAddress,
    );
    untilTold(serving, engineAddress !== undefined);
    // The engine reads the first line as the port, and shows any other to the user.
    process.stdout.write(`${serving.port}\n`);
}

function version(): string {
    // One folder up from the sources, two from what is built of them.
    const folders = [dirname(__dirname), dirname(dirname(__dirname))];
    const file = folders.map((folder) => join(folder, "package.json")).find((path) => existsSync(path));
    if (!file) throw new Error("the package.json of pulumi-postfix is missing: install the package anew");
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

main().catch((error: Error) => {
    process.stderr.write(`pulumi-resource-postfix: ${error.message}\n`);
    process.exit(1);
});
