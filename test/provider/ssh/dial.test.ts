import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import type { Connection } from "../../../postfix/validate/connection";
import { type HostOptions, withHost } from "../../../provider/ssh/connect";
import { dialFailure } from "../../../provider/ssh/failure";
import { failure } from "./failure";
import { at, connectionTo, type FakeHost, type FakeHostOptions, fakeHost, newKey } from "./server";

function reach(host: { port: number }, options: HostOptions = {}, changes: Partial<Connection> = {}) {
    const connection = connectionTo(host as FakeHost, changes);
    return withHost({ connection }, { deadlineSeconds: 60, ...options }, async (remote) => remote.label);
}

/** A port of loopback where nobody listens. */
async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

test("refused, then there: tried again, and each try is told", async () => {
    const port = await freePort();
    const told: string[] = [];
    let host: FakeHost | undefined;
    const label = await reach(
        { port },
        {
            onRetry: (text) => {
                told.push(text);
                void fakeHost({ port }).then((started) => {
                    host = started;
                });
            },
        },
    );
    await host?.stop();
    assert.equal(label, `alice@127.0.0.1:${port}`);
    assert.match(told[0] ?? "", /^alice@127\.0\.0\.1:\d+: connection refused; try 2 in 0\.\d s$/);
});

test("closed before the login, as MaxStartups does: tried again", async () => {
    const intercept: FakeHostOptions["intercept"] = (socket, count) => {
        if (count > 2) return false;
        socket.end(count === 1 ? "" : "Exceeded MaxStartups\r\n");
        return true;
    };
    await at({ intercept }, async (host) => {
        const told: string[] = [];
        await reach(host, { onRetry: (text) => told.push(text) });
        assert.equal(host.connections, 3);
        assert.match(told[0] ?? "", /connection closed before the login; try 2/);
        assert.match(
            told[1] ?? "",
            /connection closed before the login, it said: Exceeded MaxStartups; try 3/,
        );
        assert.equal(host.logins.filter((method) => method === "publickey").length > 0, true);
    });
});

test("a machine that answers nothing: the deadline ends it, tries and seconds are told", async () => {
    await at({ intercept: () => true }, async (host) => {
        const error = await failure(reach(host, { deadlineSeconds: 0.4 }));
        assert.equal(error.kind, "unreachable");
        assert.match(error.shortMessage, /: not reachable: no answer within [\d.]+ s \(1 try in [\d.]+ s\)$/);
    });
});

test("nobody listens: the deadline ends it", async () => {
    const port = await freePort();
    const error = await failure(reach({ port }, { deadlineSeconds: 2 }));
    assert.match(error.shortMessage, /: not reachable: connection refused \(\d+ tr(?:y|ies) in [\d.]+ s\)$/);
    assert.match(
        error.hint ?? "",
        /^Are connection\.host and connection\.port right.*onUnreachable: "pending"/,
    );
});

test("a name with several addresses tells the same", async () => {
    const error = await failure(
        reach({ port: await freePort() }, {}, { host: "localhost", dialErrorLimit: 0 }),
    );
    assert.match(error.shortMessage, /not reachable: connection refused \(/);
});

test("perDialTimeout ends one try, dialErrorLimit is the number of failed tries put up with", async () => {
    await at({ intercept: () => true }, async (host) => {
        const error = await failure(reach(host, {}, { perDialTimeout: 0.1, dialErrorLimit: 1 }));
        assert.match(error.shortMessage, /not reachable: no answer within 0(\.1)? s \(2 tries in /);
    });
});

test("something else than SSH answers: not tried again", async () => {
    const intercept: FakeHostOptions["intercept"] = (socket) => {
        socket.write("220 mail.example.com ESMTP\r\n");
        return true;
    };
    await at({ intercept }, async (host) => {
        const error = await failure(reach(host));
        assert.match(
            error.message,
            /what answers there is not SSH, it said: 220 mail[\s\S]*connection\.port/,
        );
        assert.equal(host.connections, 1);
    });
});

test("a name that is not found is tried a few times only", () => {
    const error = Object.assign(new Error("getaddrinfo ENOTFOUND nowhere"), { code: "ENOTFOUND" });
    assert.equal(dialFailure(error).passing, "soon");
    assert.equal(dialFailure(error).reason, "name not found");
});

test("cancel while waiting for the next try, and while waiting for an answer", async () => {
    const port = await freePort();
    const waiting = new AbortController();
    const refused = failure(reach({ port }, { signal: waiting.signal, onRetry: () => waiting.abort() }));
    assert.equal((await refused).kind, "cancelled");
    await at({ intercept: () => true }, async (host) => {
        const cancel = new AbortController();
        setTimeout(() => cancel.abort(), 50);
        assert.equal((await failure(reach(host, { signal: cancel.signal }))).kind, "cancelled");
        await host.empty();
    });
});

test("a jump host: both are logged in to, each with its own key", async () => {
    const jumpPair = newKey();
    await at({}, async (host) => {
        await at({ hostKeys: [jumpPair.private] }, async (jump) => {
            const proxy = { ...connectionTo(jump), user: "bastion", hostKey: jumpPair.public };
            assert.equal(await reach(host, {}, { proxy }), `alice@127.0.0.1:${host.port}`);
            assert.equal(host.connections, 1);
            assert.equal(jump.connections, 1);
            await host.empty();
            await jump.empty();
        });
    });
});

test("a jump host with a wrong key: nothing is sent to either", async () => {
    await at({}, async (host) => {
        await at({ hostKeys: [newKey().private] }, async (jump) => {
            const proxy = { ...connectionTo(jump), hostKey: newKey().public };
            const error = await failure(reach(host, {}, { proxy }));
            assert.equal(error.kind, "hostKey");
            assert.match(error.message, /connection\.proxy\.hostKey/);
            assert.deepEqual([...jump.logins, ...host.logins], []);
            assert.equal(host.connections, 0);
        });
    });
});

test("behind a jump host: a wrong key is found, nothing is sent", async () => {
    await at({ hostKeys: [newKey().private] }, async (host) => {
        await at({}, async (jump) => {
            const error = await failure(reach(host, {}, { proxy: connectionTo(jump) }));
            assert.equal(error.kind, "hostKey");
            assert.match(error.host, new RegExp(`:${host.port}$`));
            assert.deepEqual(host.logins, []);
            await jump.empty();
        });
    });
});

test("a machine that the jump host cannot reach is tried again over the same jump connection", async () => {
    const port = await freePort();
    await at({}, async (jump) => {
        const twice = { proxy: connectionTo(jump), dialErrorLimit: 1 };
        const error = await failure(reach({ port }, {}, twice));
        assert.equal(error.kind, "unreachable");
        assert.match(
            error.shortMessage,
            /not reachable: the jump host alice@127\.0\.0\.1:\d+ says: .* \(2 tries in /,
        );
        assert.equal(jump.connections, 1);
        await jump.empty();
    });
});

test("forward: a TCP connection made from the machine", async () => {
    const echo = createServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
    await once(echo, "listening");
    const { port } = echo.address() as AddressInfo;
    await at({}, async (host) => {
        await withHost({ connection: connectionTo(host) }, { deadlineSeconds: 60 }, async (remote) => {
            const channel = await remote.forward("127.0.0.1", port);
            channel.write("EHLO\r\n");
            const [data] = (await once(channel, "data")) as [Buffer];
            assert.equal(data.toString(), "EHLO\r\n");
            channel.end();
            const error = await failure(remote.forward("127.0.0.1", await freePort()));
            assert.equal(error.kind, "step");
            assert.match(error.shortMessage, /: connect from there to 127\.0\.0\.1:\d+: /);
        });
    });
    echo.close();
});
