/** The commands of the README's quick start: those that need the network (`install`), and the others (`use`). */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const repo = join(__dirname, "../../..");

export function commands(which: "install" | "use"): string[] {
    const text = readFileSync(join(repo, "README.md"), "utf8");
    const section = /^## Quick start\n(.*?)^## /ms.exec(text)?.[1] ?? "";
    const blocks = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block);
    const [install = "", ...use] = blocks;
    const chosen = which === "install" ? [install] : use;
    return chosen
        .join("")
        .replaceAll(/\\\n\s*/g, "")
        .split("\n")
        .map((line) => line.replace(/\s+#.*$/, "").trim())
        .filter(Boolean);
}

if (require.main === module) console.log(commands(process.argv[2] === "use" ? "use" : "install").join("\n"));
