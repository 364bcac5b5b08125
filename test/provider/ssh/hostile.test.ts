import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import ssh2, { type ServerChannel, type Connection as ServerSide } from "ssh2";
import type { Connection } from "../../../postfix/validate/connection";
import { type HostOptions, type RemoteHost, withHost } from "../../../provider/ssh/connect";
import type { RunOptions } from "../../../provider/ssh/run";
import { failure } from "./failure";
import {
    at,
    connectionTo,
    type FakeHost,
    type FakeHostOptions,
    finish,
    flood,
    hostPair,
    newKey,
} from "./server";

/** Machines that are not what they seem. None of them may hold us up, fill our memory or get what is not for it. */

/** Everything short, and no second try. */
const brief: HostOptions = { deadlineSeconds: 1 };
const run =
    (more: Partial<RunOptions> = {}) =>
    (remote: RemoteHost) =>
        remote.run({ step: "read", stdin: "script", timeoutSeconds: 1, ...more });

function reach<T>(
    host: FakeHost,
    use: (remote: RemoteHost) => Promise<T>,
    options: HostOptions = {},
    changes: Partial<Connection> = {},
): Promise<T> {
    const connection = connectionTo(host, { perDialTimeout: 30, dialErrorLimit: 0, ...changes });
    return withHost({ connection }, { deadlineSeconds: 30, ...options }, use);
}

/** What ssh2's types keep to themselves. */
interface Inside {
    _protocol: {
        authInfoReq(name: string, instructions: string, prompts: { prompt: string; echo: boolean }[]): void;
        channelData(channel: number, data: Buffer): void;
        _hostKeys: Record<string, unknown>;
    };
}
const inside = (client: ServerSide) => (client as unknown as Inside)._protocol;

for (const [what, answer] of [
    ["random bytes", randomBytes(4096)],
    ["one line without an end", Buffer.alloc(1 << 20, "x")],
    ["lines without an end", Buffer.from("hello\r\n".repeat(100_000))],
    ["escape codes", Buffer.from("\x1b]0;owned\x07\x1b[2J\r\n")],
    ["an SSH of the last century", Buffer.from("SSH-1.5-OpenSSH_1.2\r\n")],
    ["SSH, then nonsense", Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), randomBytes(4096)])],
    ["SSH, then a packet of 4 GiB", Buffer.from("SSH-2.0-x\r\n\xff\xff\xff\xff\x04\x14", "latin1")],
] as const) {
    test(`it answers ${what}: a short error, and the line is closed`, async () => {
        const intercept: FakeHostOptions["intercept"] = (socket) => {
            socket.write(answer);
            return true;
        };
        await at({ intercept }, async (host) => {
            const error = await failure(reach(host, run(), brief));
            assert.equal(error.kind, "unreachable");
            assert.match(error.shortMessage, /^alice@127\.0\.0\.1:\d+: not reachable: /);
            assert.ok(error.message.length < 1_000, error.message);
            await host.empty();
        });
    });
}

const silent: Record<string, FakeHostOptions> = {
    "after connect": { intercept: () => true },
    "after its version": {
        intercept: (socket) => {
            socket.write("SSH-2.0-slow\r\n");
            return true;
        },
    },
    "at the login": { allow: () => undefined },
    "after the login": { onConnection: (client) => client.on("ready", () => mute(client)) },
    "after exec": { exec: () => undefined },
    "in the middle of its output": { exec: (channel) => void channel.write("half a li") },
    "after the exit code": { exec: (channel) => channel.exit(0) },
};

/** Reads on, says nothing any more. */
function mute(client: ServerSide): void {
    const listeners = (client as unknown as NodeJS.EventEmitter).removeAllListeners("session");
    listeners.on("session", () => undefined);
}

for (const [when, options] of Object.entries(silent)) {
    test(`nothing comes ${when}: the limit ends it, and says what was waited for`, async () => {
        await at(options, async (host) => {
            const tell = run({ graceSeconds: 20 });
            const error = await failure(reach(host, tell, {}, { perDialTimeout: 1 }));
            const late = /(no answer|login not finished) within \d|read: not finished after 1 s/;
            assert.match(error.shortMessage, late);
            assert.ok(error.hint, "what to do");
            await host.empty();
        });
    });
}

for (const [what, piece, into] of [
    ["one line without an end", Buffer.alloc(8192, "x"), "stdout"],
    ["lines without an end", Buffer.from("step x\n".repeat(1000)), "stdout"],
    ["stderr without an end", Buffer.alloc(8192, "e"), "stderr"],
    ["single bytes without an end", Buffer.from("x"), "stdout"],
] as const) {
    test(`it writes ${what}: cut off at the limit`, async () => {
        await at({ exec: (channel) => flood(channel, piece, into) }, async (host) => {
            let longest = 0;
            const onLine = (line: string) => {
                longest = Math.max(longest, line.length);
            };
            const limit = { outputLimitBytes: 256 * 1024, timeoutSeconds: 60, onLine };
            const error = await failure(reach(host, run(limit)));
            assert.equal(error.shortMessage.replace(/^\S+ /, ""), "read: it wrote more than 262144 bytes");
            assert.match(error.hint ?? "", /right machine/);
            assert.ok(error.message.length < 50_000, "its own words are cut");
            assert.ok(longest <= 4096, `a line of ${longest}`);
            await host.empty();
        });
    });
}

test("single bytes count for more than they are: a million packets do not fit into the limit", async () => {
    let sent = 0;
    const exec = (channel: ServerChannel): void => {
        const more = () => {
            if (sent++ < 1_000) return void channel.write("x", more);
            finish(channel, 0);
        };
        more();
    };
    await at({ exec }, async (host) => {
        const limit = { outputLimitBytes: 40_000, timeoutSeconds: 60 };
        assert.match((await failure(reach(host, run(limit)))).shortMessage, /it wrote more than 40000 bytes/);
    });
});

test("questions without an end: some of them are told, and no more than the limit is read", async () => {
    const asked = Array.from({ length: 20 }, () => ({
        prompt: `\x1b[2J${"Code? ".repeat(200)}`,
        echo: false,
    }));
    let client: ServerSide | undefined;
    const onConnection = (connected: ServerSide) => {
        client = connected;
    };
    await at({ methods: ["keyboard-interactive"], onConnection }, async (host) => {
        host.onKeyboard = (login) => {
            const ask = (): void => {
                login.prompt(asked, ask);
            };
            ask();
        };
        const options = { receiveLimitBytes: 2 * 1024 * 1024 };
        const secret = { privateKey: undefined, password: "secret", perDialTimeout: 60 };
        const error = await failure(reach(host, run(), options, secret));
        assert.match(error.shortMessage, /it sends without an end: more than 2 MiB over one connection/);
        assert.ok(client);
        await host.empty();
    });
});

test("what it asks for besides a password is told in short", async () => {
    const long = Array.from({ length: 25 }, (_, index) => ({
        prompt: `Q${index} ${"?".repeat(999)}`,
        echo: true,
    }));
    await at({ methods: ["keyboard-interactive"] }, async (host) => {
        host.onKeyboard = (login) => login.prompt(long, () => login.reject());
        const error = await failure(
            reach(host, run(), {}, { privateKey: undefined, password: "secret", perDialTimeout: 30 }),
        );
        assert.match(error.message, /it also asked: Q0 \?+… \(802 more characters\) Q1 /);
        assert.ok(error.message.length < 2_500, String(error.message.length));
    });
});

const broken: Record<string, [(channel: ServerChannel, host: () => FakeHost) => void, RegExp]> = {
    "the connection breaks in the middle of its output": [
        (channel, host) => channel.write("half a li", () => host().dropAll()),
        /read: the connection was lost/,
    ],
    "it ends without an exit code": [
        (channel) => {
            channel.write("all\n");
            channel.end();
            channel.close();
        },
        /read: the connection ended before the command did/,
    ],
};
for (const [what, [exec, said]] of Object.entries(broken)) {
    test(`${what}: told as such, with what to do`, async () => {
        let made: FakeHost | undefined;
        const whole = (channel: ServerChannel) => exec(channel, () => made as FakeHost);
        await at({ exec: whole }, async (host) => {
            made = host;
            const error = await failure(reach(host, run({ timeoutSeconds: 30 })));
            assert.equal(error.kind, "unreachable");
            assert.match(error.shortMessage, said);
            assert.match(error.hint ?? "", /may still come to its end; the next run finds out/);
        });
    });
}

test("an exit code without any output is an answer, and a second one is none", async () => {
    const exec = (channel: ServerChannel) => {
        for (let code = 7; code < 1000; code++) channel.exit(code % 256);
        channel.end();
    };
    await at({ exec }, async (host) => {
        const result = await reach(host, run({ timeoutSeconds: 30 }));
        assert.deepEqual(result, { exitCode: 7, stdout: "", stderr: "" });
    });
});

test("a machine that has not done with the session before is asked again", async () => {
    let refused = 0;
    const onConnection = (client: ServerSide): void => {
        const [usual] = client.listeners("session") as ((...words: unknown[]) => void)[];
        client.removeAllListeners("session").on("session", (accept, reject) => {
            if (refused++ < 2) reject();
            else usual?.call(client, accept, reject);
        });
    };
    await at({}, async (host) => {
        assert.equal((await reach(host, run({ timeoutSeconds: 30 }))).exitCode, 0);
    });
    await at({ onConnection }, async (host) => {
        assert.equal((await reach(host, run({ timeoutSeconds: 30 }))).exitCode, 0);
        assert.equal(refused, 3);
    });
    refused = -100;
    await at({ onConnection }, async (host) => {
        const error = await failure(reach(host, run({ timeoutSeconds: 30 })));
        assert.match(error.message, /the machine does not run commands: .*\nMaxSessions/);
        assert.equal(refused, -94, "not for ever");
    });
});

const stranger = newKey();
const strangersKey = ssh2.utils.parseKey(stranger.private) as ssh2.ParsedKey;

test("another host key at the second try of one operation, and at the next operation: nothing is sent", async () => {
    const port = await at({}, async ({ port }) => port);
    const intercept: FakeHostOptions["intercept"] = (socket, count) =>
        count === 1 && Boolean(socket.destroy());
    await at({ hostKeys: [stranger.private], intercept, port }, async (host) => {
        const error = await failure(reach(host, run(), {}, { dialErrorLimit: 5, perDialTimeout: 20 }));
        assert.equal(error.kind, "hostKey");
        assert.equal(host.connections, 2, "the first try broke off");
        assert.deepEqual([...host.logins, ...host.commands], []);
    });
    // The right machine is back.
    await at({ port }, (host) => reach(host, run({ timeoutSeconds: 30 })));
    await at({ hostKeys: [stranger.private], port }, async (host) => {
        assert.equal((await failure(reach(host, run()))).kind, "hostKey");
        assert.deepEqual([...host.logins, ...host.commands], []);
    });
});

test("another host key in the middle of a connection, when keys are exchanged anew: broken off as a wrong key", async () => {
    let client: ServerSide | undefined;
    const exec = (): void => {
        assert.ok(client);
        inside(client)._hostKeys["ssh-ed25519"] = strangersKey;
        client.rekey();
    };
    const onConnection = (connected: ServerSide) => {
        client = connected;
    };
    await at({ exec, onConnection }, async (host) => {
        const error = await failure(reach(host, run({ timeoutSeconds: 30 })));
        assert.equal(error.kind, "hostKey");
        assert.match(error.shortMessage, /wrong host key: expected SHA256:.* got SHA256:/);
        await host.empty();
    });
});

test("keys exchanged anew with the same host key are no trouble", async () => {
    let client: ServerSide | undefined;
    const exec = (channel: ServerChannel): void => {
        client?.rekey(() => finish(channel, 0, "done\n"));
    };
    const onConnection = (connected: ServerSide) => {
        client = connected;
    };
    await at({ exec, onConnection, hostKeys: [hostPair.private] }, async (host) => {
        assert.equal((await reach(host, run({ timeoutSeconds: 30 }))).stdout, "done\n");
    });
});

test("no error holds a key or a password, however one looks into it", async () => {
    const secret = { password: "hunter2-never-told", privateKeyPassword: "opensesame-never-told" };
    const locked = { ...secret, privateKey: newKey().private };
    const failures: [FakeHostOptions, Partial<Connection>][] = [
        [{ methods: ["password", "publickey"], allow: () => false }, secret],
        [
            { methods: ["keyboard-interactive"], allow: () => false },
            { ...secret, privateKey: undefined },
        ],
        [{ hostKeys: [stranger.private] }, secret],
        [{ intercept: () => true }, secret],
        [{ allow: () => false }, locked],
        [{ exec: (channel) => flood(channel, Buffer.from(`${secret.password} `.repeat(500))) }, secret],
        [
            { exec: (channel) => flood(channel, Buffer.from(`${secret.password}\n`.repeat(500)), "stderr") },
            secret,
        ],
        [{}, { ...secret, privateKey: "-----BEGIN PRIVATE KEY-----\nbm8ga2V5\n-----END PRIVATE KEY-----\n" }],
    ];
    for (const [options, changes] of failures) {
        await at(options, async (host) => {
            const connection = connectionTo(host, changes);
            const error = await failure(reach(host, run({ timeoutSeconds: 30 }), {}, changes));
            const all = inspect(error, { depth: Infinity, showHidden: true, getters: true }) + error.stack;
            const bodies = (connection.privateKey ?? "").split("\n").filter((line) => line.length > 16);
            for (const text of [
                ...Object.values(secret),
                ...bodies.filter((line) => !line.startsWith("-----")),
            ])
                assert.ok(!all.includes(text), `${error.kind} tells ${text}`);
        });
    }
});
