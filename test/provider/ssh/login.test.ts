import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import ssh2, { type AuthContext } from "ssh2";
import type { Connection } from "../../../postfix/validate/connection";
import { withHost } from "../../../provider/ssh/connect";
import { loadPrivateKey } from "../../../provider/ssh/private-key";
import { failure } from "./failure";
import { at, connectionTo, type FakeHost, isUserKey, newKey, userPair } from "./server";

let folder: string;
before(() => {
    folder = mkdtempSync(join(tmpdir(), "ssh-test-"));
});
after(() => rmSync(folder, { recursive: true }));

function login(host: FakeHost, changes: Partial<Connection> = {}) {
    return withHost({ connection: connectionTo(host, changes) }, { deadlineSeconds: 60 }, async () => "in");
}

const passwordIs = (password: string) => (login: AuthContext) =>
    login.method === "password" && login.password === password;

test("a refused key: told what was tried for whom, one connection only", async () => {
    await at({ methods: ["publickey", "password"] }, async (host) => {
        const error = await failure(login(host, { privateKey: newKey().private }));
        assert.equal(error.kind, "authentication");
        assert.match(
            error.shortMessage,
            /login as alice refused: tried private key ssh-ed25519 SHA256:\S+; the server takes publickey, password$/,
        );
        assert.equal(host.connections, 1);
    });
});

test("a refused password is offered once and never shown", async () => {
    const methods = ["password", "keyboard-interactive"] as const;
    await at({ methods: [...methods], allow: passwordIs("right") }, async (host) => {
        const error = await failure(login(host, { privateKey: undefined, password: "wrong-one" }));
        assert.equal(error.kind, "authentication");
        assert.deepEqual(host.logins, ["password"]);
        assert.ok(!error.message.includes("wrong-one"));
        assert.equal(await login(host, { privateKey: undefined, password: "right" }), "in");
    });
});

test("a password is not sent where the server takes none", async () => {
    await at({ methods: ["publickey"] }, async (host) => {
        const error = await failure(login(host, { privateKey: undefined, password: "secret" }));
        assert.match(error.shortMessage, /tried nothing; not taken: password; the server takes publickey/);
        assert.deepEqual(host.logins, []);
    });
});

test("keyboard-interactive is answered with the password, a second question is not", async () => {
    const answers: string[][] = [];
    const allow = () => false;
    await at({ methods: ["keyboard-interactive"], allow }, async (host) => {
        host.onKeyboard = (login) =>
            login.prompt([{ prompt: "Password: ", echo: false }], (first) => {
                answers.push(first);
                login.prompt([{ prompt: "Code: ", echo: false }], (second) => {
                    answers.push(second);
                    login.reject();
                });
            });
        const error = await failure(login(host, { privateKey: undefined, password: "secret" }));
        assert.deepEqual(answers, [["secret"], [""]]);
        assert.match(error.shortMessage, /tried password; .*it also asked: Code:/);
    });
});

test("two factors: the key first, then the password", async () => {
    const allow = (login: AuthContext) => {
        if (isUserKey(login)) {
            // The key was accepted, and the server wants the password besides (RFC 4252 section 5.1).
            if (login.method === "publickey" && login.signature) login.reject(["password"], true);
            else return true;
            return undefined;
        }
        return passwordIs("secret")(login);
    };
    await at({ methods: ["publickey"], allow }, async (host) => {
        assert.equal(await login(host, { password: "secret" }), "in");
        const error = await failure(login(host));
        assert.match(error.shortMessage, /one was accepted, but the server wants another besides/);
    });
});

test("a connection closed after a credential was shown is a refused login, not a try to repeat", async () => {
    const allow = () => {
        setImmediate(() => dropping?.dropAll());
        return undefined;
    };
    let dropping: FakeHost | undefined;
    await at({ methods: ["password"], allow }, async (host) => {
        dropping = host;
        const error = await failure(login(host, { privateKey: undefined, password: "secret" }));
        assert.equal(error.kind, "authentication");
        assert.equal(host.connections, 1);
    });
});

test("nothing to log in with is said so", async () => {
    await at({}, async (host) => {
        const error = await failure(login(host, { privateKey: undefined }));
        assert.match(error.message, /nothing to log in as alice with: no privateKey, no password, no agent/);
    });
});

test("a key that cannot be read is found before anything is sent, and not shown", async () => {
    await at({}, async (host) => {
        const broken = userPair.private.split("\n").slice(0, 3).join("\n");
        const error = await failure(login(host, { privateKey: broken }));
        assert.equal(error.kind, "authentication");
        assert.match(error.shortMessage, /connection\.privateKey: malformed/);
        assert.ok(!error.message.includes(userPair.private.split("\n")[1] ?? "?"));
        assert.equal(host.connections, 0);
    });
});

test("an agent is asked last; its trouble is told", async () => {
    const agentPath = join(folder, "agent");
    const key = ssh2.utils.parseKey(userPair.private) as ssh2.ParsedKey;
    const sockets = createServer((socket) => {
        const protocol = new ssh2.AgentProtocol(false);
        protocol.on("identities", (request) => protocol.getIdentitiesReply(request, [key]));
        protocol.on("sign", (request, _publicKey, data) => protocol.signReply(request, key.sign(data)));
        socket.pipe(protocol).pipe(socket);
        socket.on("error", () => {});
    }).listen(agentPath);
    try {
        await at({}, async (host) => {
            const agent = { privateKey: undefined, agentSocketPath: agentPath };
            assert.equal(await login(host, agent), "in");
            assert.equal(await login(host, { ...agent, privateKey: newKey().private }), "in");
        });
        await at({ allow: () => false }, async (host) => {
            const refused = await failure(login(host, { privateKey: undefined, agentSocketPath: agentPath }));
            assert.match(refused.shortMessage, /tried agent with 1 key/);
            const gone = await failure(
                login(host, { privateKey: undefined, agentSocketPath: join(folder, "no-agent") }),
            );
            assert.match(gone.shortMessage, /tried agent \(nobody answers at its socket\)/);
        });
    } finally {
        sockets.close();
    }
});

test("every format of a private key logs in", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const ed = generateKeyPairSync("ed25519").privateKey;
    const locked = { format: "pem", cipher: "aes-256-cbc", passphrase: "opensesame" } as const;
    const keys: Record<string, string> = {
        "RSA, PKCS#1": rsa.export({ type: "pkcs1", format: "pem" }).toString(),
        "RSA, PKCS#8": rsa.export({ type: "pkcs8", format: "pem" }).toString(),
        "RSA, PKCS#1 encrypted": rsa.export({ type: "pkcs1", ...locked }).toString(),
        "ECDSA, SEC1": ec.export({ type: "sec1", format: "pem" }).toString(),
        "ECDSA, PKCS#8 encrypted": ec.export({ type: "pkcs8", ...locked }).toString(),
        "Ed25519, PKCS#8": ed.export({ type: "pkcs8", format: "pem" }).toString(),
        "OpenSSH, Windows line ends": userPair.private.replaceAll("\n", "\r\n"),
    };
    for (const [name, key] of Object.entries(keys)) {
        const parsed = loadPrivateKey(key, key.includes("ENCRYPTED") ? "opensesame" : undefined);
        assert.ok(typeof parsed !== "string", `${name}: ${parsed}`);
        await at({ allow: (login) => verifies(login, parsed) }, async (host) => {
            const privateKeyPassword = key.includes("ENCRYPTED") ? "opensesame" : undefined;
            assert.equal(await login(host, { privateKey: key, privateKeyPassword }), "in", name);
        });
        if (!key.includes("OPENSSH") && !key.includes("ENCRYPTED")) {
            const jwk = createPublicKey(key).export({ format: "jwk" });
            assert.deepEqual(createPublicKey(parsed.getPublicPEM()).export({ format: "jwk" }), jwk, name);
        }
    }
});

test("an OpenSSH key with a password: the right one opens it, a wrong one is told", () => {
    const file = join(folder, "locked");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-a", "1", "-N", "opensesame", "-f", file]);
    const key = readFileSync(file, "utf8");
    assert.ok(typeof loadPrivateKey(key, "opensesame") !== "string");
    assert.match(String(loadPrivateKey(key, "wrong")), /privateKeyPassword does not open it/);
    assert.match(String(loadPrivateKey(key)), /it is encrypted; give privateKeyPassword/);
});

/** The server's side of a login by key: the signature must be right, as sshd demands. */
function verifies(login: AuthContext, key: ssh2.ParsedKey): boolean {
    if (login.method !== "publickey" || !login.key.data.equals(key.getPublicSSH())) return false;
    const publicKey = ssh2.utils.parseKey(login.key.data) as ssh2.ParsedKey;
    if (!login.signature || !login.blob) return true;
    return publicKey.verify(login.blob, login.signature, login.hashAlgo) === true;
}
