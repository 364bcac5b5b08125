/**
 * One process of SSH servers, one for each of its simulated machines: real handshake, a host key each, the operator's
 * key checked. What is sent to a machine runs in it, as sshd would have it; or, where `answerAfterMs` is given, takes
 * that time and nothing of this machine's processors.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { type AuthContext, Server, type ServerChannel, utils } from "ssh2";
import { Delayed } from "./delayed";
import { newKey } from "./keys";
import type { Ask, SiteOrder, Tell } from "./sites";

const order = JSON.parse(process.argv[2] ?? "") as SiteOrder;
const operator = utils.parseKey(order.publicKey);
if (operator instanceof Error) throw operator;
let now = 0;
let most = 0;
let logins = 0;
let commands = 0;

const tell = (message: Tell) => process.send?.(message);

function boot(name: string): Promise<string> {
    const net = order.kind === "hub" ? process.env.SCALE_HUB_NET : process.env.SCALE_LAPTOPS_NET;
    const namespaces = ["--mount", "--pid", "--uts", "--fork", "--kill-child", "--propagation", "private"];
    const init = ["/bin/sh", join(__dirname, "machine.sh"), name, `${name}.example.com`, order.kind];
    const words = [`--net=/proc/${net}/ns/net`, "unshare", ...namespaces, ...init];
    const machine = spawn("nsenter", words, { stdio: ["ignore", "pipe", "inherit"] });
    return new Promise((resolve, reject) => {
        let out = "";
        machine.stdout.on("data", (data) => {
            out += data;
            // Whoever made its namespaces keeps the pipe open.
            if (/^\d+\n$/.test(out)) resolve(out.trim());
        });
        machine.on("exit", () => reject(new Error(`the simulated machine ${name} does not boot: ${out}`)));
    });
}

function enter(pid: string, command: string): ChildProcess {
    const into = ["-t", pid, "--net", "--mount", "--pid", "--uts"];
    const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const shell = ["nsenter", ...into, "env", "-i", "HOME=/root", path, "/bin/sh", "-c", command];
    // Each laptop has processors of its own in the field: hundreds at work here must not keep others from answering.
    return order.kind === "hub" ? spawn("nsenter", shell.slice(1)) : spawn("nice", ["-n", "5", ...shell]);
}

function runIn(pid: string, command: string, channel: ServerChannel): void {
    const child = enter(pid, command);
    channel.pipe(child.stdin as NodeJS.WritableStream);
    child.stdin?.on("error", () => {});
    child.stdout?.pipe(channel, { end: false });
    child.stderr?.pipe(channel.stderr, { end: false });
    child.on("close", (code, signal) => {
        if (signal) channel.exit(signal);
        else channel.exit(code ?? 1);
        channel.end();
    });
}

function waitFor(milliseconds: number, channel: ServerChannel): void {
    channel.resume();
    setTimeout(() => {
        channel.exit(0);
        channel.end();
    }, milliseconds);
}

function check(context: AuthContext): void {
    if (knows(context)) context.accept();
    else context.reject(["publickey"]);
}

function knows(context: AuthContext): boolean {
    const key = operator as Exclude<typeof operator, Error>;
    if (context.method !== "publickey" || !key.getPublicSSH().equals(context.key.data)) return false;
    const { blob, signature, hashAlgo } = context;
    // Without a signature it asks only whether this key would do.
    return !signature || (blob !== undefined && key.verify(blob, signature, hashAlgo) === true);
}

async function serve(name: string, address: string): Promise<Tell & { kind: "machine" }> {
    const pid = order.answerAfterMs === undefined ? await boot(name) : "";
    const { private: key, public: hostKey } = newKey();
    const server = new Server({ hostKeys: [key] }, (client) => {
        most = Math.max(most, ++now);
        client.on("close", () => now--);
        client.on("error", () => {});
        client.on("authentication", check);
        client.on("ready", () => {
            logins++;
            client.on("session", (acceptSession) =>
                acceptSession().on("exec", (accept, _reject, { command }) => {
                    commands++;
                    if (order.answerAfterMs === undefined) runIn(pid, command, accept());
                    else waitFor(order.answerAfterMs, accept());
                }),
            );
        });
    });
    const listener = createServer({ noDelay: true }, (socket) => {
        // Its type asks for a socket and it is content with any stream.
        const line = order.roundTripMs ? new Delayed(socket, order.roundTripMs / 2) : socket;
        server.injectSocket(line as never);
    });
    await new Promise<void>((done) => listener.listen(22, address, done));
    return { kind: "machine", name, address, hostKey: hostKey.split(" ").slice(0, 2).join(" "), pid };
}

process.on("message", ({ reset }: Ask) => {
    tell({ kind: "counted", now, most, logins, commands });
    if (reset) [most, logins, commands] = [now, 0, 0];
});

async function main(): Promise<void> {
    const waiting = [...order.machines];
    const lane = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift())
            tell(await serve(next.name, next.address));
    };
    await Promise.all([lane(), lane()]);
    tell({ kind: "ready" });
}

main().catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
});
