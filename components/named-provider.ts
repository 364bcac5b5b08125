import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

const remedy = `Pulumi.yaml does not name the provider of pulumi-postfix, so the engine will look for it on the internet and fail. Add:

plugins:
    providers:
        - name: postfix
          path: node_modules/pulumi-postfix/bin

or run: npx pulumi-postfix init`;

let looked = false;

/** Programs in other languages have their components made by the provider, which was found then. */
export function providerIsThere(): void {
    looked = true;
}

/** Before the engine's own error, which speaks of a download and of no way out. Once a program. */
export function warnWithoutProvider(): void {
    if (looked) return;
    looked = true;
    const project = nearestProject(process.cwd());
    if (project === undefined || namesProvider(project) || isOnPath()) return;
    pulumi.log.warn(remedy);
}

/** The project as the engine finds it. A program without one (Automation API) says elsewhere where its plugins are. */
function nearestProject(from: string): string | undefined {
    for (let folder = from; ; folder = dirname(folder)) {
        const file = join(folder, "Pulumi.yaml");
        if (existsSync(file)) return readFileSync(file, "utf8");
        if (dirname(folder) === folder) return undefined;
    }
}

/** In `plugins.providers`, or in `packages` of `pulumi package add`. Roughly: too little is told rather than too much. */
const namesProvider = (text: string): boolean => /\b(providers|packages)\b.*\bpostfix\b/s.test(text);

const isOnPath = (): boolean =>
    (process.env.PATH ?? "")
        .split(delimiter)
        .some((folder) => folder !== "" && existsSync(join(folder, "pulumi-resource-postfix")));
