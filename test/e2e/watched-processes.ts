import { spawn } from "node:child_process";
import { join } from "node:path";

/** Each process that began while `work` ran, on the operator's side and on the hosts: command line, environment. */
export async function processesDuring(work: () => Promise<unknown>): Promise<[string, string][]> {
    const script = join(__dirname, "processes.ts");
    const child = spawn(process.execPath, ["--import", "tsx", script], {
        stdio: ["pipe", "pipe", "inherit"],
    });
    const chunks: string[] = [];
    child.stdout.setEncoding("utf8");
    await new Promise<void>((resolve) => {
        child.stdout.on("data", (chunk: string) => {
            chunks.push(chunk);
            resolve();
        });
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await work().finally(() => child.stdin.end());
    await ended;
    const lines = chunks.join("").split("\n").slice(1);
    return lines.map((line) => JSON.parse(line) as [string, string]);
}
