import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, labInfo } from "./lab";

/** An SSH agent with the operator's key: what somebody has who can log in. */
export function withAgent(): { socket: string; ready: Promise<unknown>; end(): void } {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-agent-"));
    const socket = join(folder, "agent.sock");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    const ready = eventually("the SSH agent has the key", () => {
        try {
            execFileSync("ssh-add", ["-q", labInfo().key], {
                env: { ...process.env, SSH_AUTH_SOCK: socket },
                stdio: "ignore",
            });
            return true;
        } catch {
            return false;
        }
    });
    return {
        socket,
        ready,
        end: () => {
            agent.kill();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}
