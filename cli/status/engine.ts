import { spawn } from "node:child_process";
import { once } from "node:events";

/** Of a stack of two hundred laptops some ten megabytes. */
const most = 1 << 30;

/** A stack's state with its secrets, by the engine's own command. It stays in memory. */
export async function exportStack(stack: string | undefined, cwd: string): Promise<string> {
    const words = ["stack", "export", "--show-secrets", "--cwd", cwd, ...(stack ? ["--stack", stack] : [])];
    const child = spawn("pulumi", words, { stdio: ["inherit", "pipe", "inherit"] });
    const chunks: Buffer[] = [];
    let size = 0;
    child.stdout.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= most) chunks.push(chunk);
        else child.kill();
    });
    const [code] = (await once(child, "close").catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        throw new Error("pulumi is not on the PATH: https://www.pulumi.com/docs/install/");
    })) as [number | null];
    if (size > most) throw new Error(`the stack's state is larger than ${most} bytes`);
    if (code !== 0) throw new Error(`pulumi ${words.slice(0, 2).join(" ")} ended with ${code}`);
    return Buffer.concat(chunks).toString("utf8");
}
