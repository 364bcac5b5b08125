import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createSecureContext, TLSSocket } from "node:tls";
import { certificatePublicKeyPin } from "../../../postfix/pins";
import { RemoteError } from "../../../provider/errors";
import { proveThroughSsh } from "../../../provider/host/prove";
import type { RemoteHost } from "../../../provider/ssh/connect";

const folder = mkdtempSync(join(tmpdir(), "prove-"));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string) => readFileSync(join(folder, name), "utf8");
execFileSync(
    "openssl",
    [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=hub",
    ].concat(["-keyout", join(folder, "key"), "-out", join(folder, "cert")]),
    { stdio: "ignore" },
);
const pin = certificatePublicKeyPin(file("cert"));
const other = pin.replace(/^../, (first) => (first === "00" ? "01" : "00"));

/** A server that says its lines one for each line it hears, and speaks TLS after the one that ends with TLS. */
async function asked(
    lines: string[],
    pins: string[],
    implicitTls = false,
): ReturnType<typeof proveThroughSsh> {
    const heard: string[] = [];
    const speakTls = (socket: Socket) => {
        const secureContext = createSecureContext({ key: file("key"), cert: file("cert") });
        new TLSSocket(socket, { isServer: true, secureContext }).on("error", () => undefined);
    };
    const server = createServer((socket: Socket) => {
        if (implicitTls) return speakTls(socket);
        const [greeting = "", ...answers] = lines;
        socket.on("error", () => undefined);
        if (greeting === "") return socket.end();
        socket.write(`${greeting}\r\n`);
        const hear = (data: Buffer) => {
            heard.push(data.toString().trim());
            const answer = answers.shift();
            if (answer === undefined) return socket.end();
            socket.write(answer.replace(/ TLS$/, "").concat("\r\n"));
            if (!answer.endsWith(" TLS")) return;
            socket.removeListener("data", hear);
            speakTls(socket);
        };
        socket.on("data", hear);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const host = { forward: async () => connect(port, "127.0.0.1") } as unknown as RemoteHost;
    try {
        const seen = await proveThroughSsh(host, { host: "hub", port, implicitTls, pins });
        assert.ok(!heard.some((line) => /MAIL|RCPT/.test(line)), "no address is told");
        return seen;
    } finally {
        server.close();
    }
}

const dialogue = ["220-hub\r\n220 ready", "250-hub\r\n250-SIZE\r\n250 STARTTLS", "220 go ahead TLS"];

test("the pinned key is a match, also as the second of two pins", async () => {
    assert.deepEqual(await asked(dialogue, [other, pin]), { outcome: "match" });
});

test("with TLS from the first byte the key is looked at without a word before it", async () => {
    assert.deepEqual(await asked([], [pin], true), { outcome: "match" });
    assert.equal((await asked([], [other], true)).outcome, "mismatch");
});

test("another key is a mismatch that names the key", async () => {
    const seen = await asked(dialogue, [other]);
    assert.equal(seen.outcome, "mismatch");
    assert.ok("why" in seen && seen.why.includes(pin));
});

for (const [what, lines, why] of [
    ["no STARTTLS", ["220 hub", "250 hub", "502 what?"], /^it answers STARTTLS with: 502 what\?$/],
    ["a busy server", ["421 later"], /^it answers the greeting with: 421 later$/],
    ["an end before the greeting", [""], /^it does not answer the greeting$/],
    [
        "a reply that somebody puts behind STARTTLS in clear",
        ["220 hub", "250 hub", "220 go ahead\r\n250 injected TLS"],
        /^it sent more than the answer to STARTTLS in clear$/,
    ],
] as const) {
    test(`${what} proves nothing`, async () => {
        const seen = await asked([...lines], [pin]);
        assert.equal(seen.outcome, "unreachable");
        assert.match("why" in seen ? seen.why : "", why);
    });
}

test("a host that may not forward proves nothing; one that is gone is a failure of its own", async () => {
    const failing = (kind: "step" | "unreachable") =>
        ({
            forward: async () => {
                throw new RemoteError({
                    host: "alice",
                    step: "connect from there",
                    kind,
                    reason: "it may not",
                });
            },
        }) as unknown as RemoteHost;
    const server = { host: "hub", port: 587, pins: [pin] };
    assert.deepEqual(await proveThroughSsh(failing("step"), server), {
        outcome: "unreachable",
        why: "alice: it may not",
    });
    await assert.rejects(proveThroughSsh(failing("unreachable"), server), RemoteError);
});
