import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from "node:net";
import ssh2, { type AuthContext, type KeyboardAuthContext, type ServerChannel } from "ssh2";
import type { Connection } from "../../../postfix/validate/connection";

const { Server, utils } = ssh2;

export interface Pair {
    /** OpenSSH format */
    private: string;
    /** One line: type and base64. */
    public: string;
}

export function newKey(type: "ed25519" | "rsa" = "ed25519"): Pair {
    for (;;) {
        const pair =
            type === "rsa"
                ? utils.generateKeyPairSync("rsa", { bits: 2048 })
                : utils.generateKeyPairSync("ed25519");
        // ssh2 1.17 drops leading zero bytes: one of its Ed25519 keys in two hundred is malformed (measured).
        const whole = !(utils.parseKey(pair.private) instanceof Error);
        const blob = Buffer.from(pair.public.split(" ")[1] ?? "", "base64");
        if (whole && (type === "rsa" || blob.length === 51))
            return { private: pair.private, public: pair.public.trim() };
    }
}

export const hostPair = newKey();
export const userPair = newKey();

export interface FakeHost {
    port: number;
    /** Login methods in the order the server saw them, `none` left out. */
    logins: string[];
    /** Connections over TCP, whatever became of them. */
    readonly connections: number;
    commands: string[];
    onKeyboard?: (login: KeyboardAuthContext) => void;
    /** Breaks every connection. */
    dropAll(): void;
    /** Resolves once nobody is connected. */
    empty(): Promise<void>;
    stop(): Promise<void>;
}

export interface FakeHostOptions {
    hostKeys?: string[];
    /** Sent before its version. */
    greeting?: string;
    /** Sent before the login. */
    banner?: string;
    /** undefined: it answered itself. */
    allow?: (login: AuthContext) => boolean | undefined;
    /** What the server says it takes. */
    methods?: ("publickey" | "password" | "keyboard-interactive")[];
    /** Answers a command once its stdin has ended. */
    exec?: (channel: ServerChannel, stdin: string, command: string) => void;
    /** Sees each SSH connection before it is answered. */
    onConnection?: (client: ssh2.Connection) => void;
    /** Sees each TCP connection first; true: it took it over. */
    intercept?: (socket: Socket, count: number) => boolean;
    port?: number;
    /** Listens at each of 127.0.0.0/8, and so is as many machines. @default false */
    everywhere?: boolean;
}

/** A real SSH server in this process; what it does behind the login is the test's. */
export async function fakeHost(options: FakeHostOptions = {}): Promise<FakeHost> {
    const logins: string[] = [];
    const commands: string[] = [];
    const sockets = new Set<Socket>();
    const methods = options.methods ?? ["publickey"];
    const { hostKeys = [hostPair.private], greeting, banner } = options;
    const ssh = new Server({ hostKeys, greeting, banner }, (client) => {
        client.on("error", () => {});
        client.on("authentication", (login) => {
            if (login.method === "none") return login.reject(methods as never[]);
            logins.push(login.method);
            if (login.method === "keyboard-interactive" && host.onKeyboard) return host.onKeyboard(login);
            const allowed = (options.allow ?? isUserKey)(login);
            if (allowed) login.accept();
            else if (allowed === false) login.reject(methods as never[]);
        });
        client.on("tcpip", (accept, reject, info) => {
            const out = connect(info.destPort, info.destIP);
            out.once("error", () => reject());
            out.once("connect", () => {
                const channel = accept();
                out.pipe(channel).pipe(out);
                channel.on("close", () => out.destroy());
                out.on("error", () => channel.close());
            });
        });
        client.on("session", (accept) => {
            const session = accept();
            session.on("exec", (acceptExec, _reject, { command }) => {
                commands.push(command);
                const channel = acceptExec();
                const stdin: Buffer[] = [];
                channel.on("data", (data: Buffer) => stdin.push(data));
                channel.on("end", () =>
                    (options.exec ?? done)(channel, Buffer.concat(stdin).toString(), command),
                );
            });
        });
        options.onConnection?.(client);
    });
    let connections = 0;
    const listener: NetServer = createServer((socket) => {
        connections++;
        sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => sockets.delete(socket));
        // Read what comes, else nobody notices that the other side hangs up.
        if (options.intercept?.(socket, connections)) return void socket.resume();
        ssh.injectSocket(socket);
    });
    listener.listen(options.port ?? 0, options.everywhere ? "0.0.0.0" : "127.0.0.1");
    await once(listener, "listening");
    const dropAll = () => {
        for (const socket of sockets) socket.destroy();
    };
    const host: FakeHost = {
        port: (listener.address() as AddressInfo).port,
        logins,
        commands,
        get connections() {
            return connections;
        },
        dropAll,
        empty: async () => {
            for (const socket of sockets) await once(socket, "close");
        },
        stop: async () => {
            dropAll();
            listener.close();
            await once(listener, "close");
        },
    };
    return host;
}

function done(channel: ServerChannel): void {
    finish(channel, 0);
}

/** A server for as long as something is done with it. */
export async function at<T>(options: FakeHostOptions, use: (host: FakeHost) => Promise<T>): Promise<T> {
    const host = await fakeHost(options);
    try {
        return await use(host);
    } finally {
        await host.stop();
    }
}

export function finish(channel: ServerChannel, code: number, stdout = "", stderr = ""): void {
    if (stdout) channel.write(stdout);
    if (stderr) channel.stderr.write(stderr);
    channel.exit(code);
    channel.end();
}

export function isUserKey(login: AuthContext): boolean {
    const [, base64 = ""] = userPair.public.split(" ");
    return login.method === "publickey" && login.key.data.equals(Buffer.from(base64, "base64"));
}

/** Logs in as `alice` with the right key at the right host; a test says what is different. */
export function connectionTo(host: FakeHost, changes: Partial<Connection> = {}): Connection {
    return {
        host: "127.0.0.1",
        port: host.port,
        user: "alice",
        privateKey: userPair.private,
        hostKey: hostPair.public,
        // No test may find the developer's own agent.
        agentSocketPath: "",
        ...changes,
    };
}

/** Writes again and again until the other side has had enough; in small portions, as its own window holds millions of bytes. */
export function flood(
    channel: ServerChannel,
    piece: Buffer | string,
    into: "stdout" | "stderr" = "stdout",
): void {
    const stream = into === "stdout" ? channel : channel.stderr;
    let open = true;
    channel.on("close", () => {
        open = false;
    });
    const more = (): void => {
        for (let count = 0; open && count < 100; count++)
            if (!stream.write(piece)) return void stream.once("drain", more);
        if (open) setImmediate(more);
    };
    more();
}
