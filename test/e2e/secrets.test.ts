import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { configuration, connection, labHost, on, operatorKey, operatorPassword, readOn } from "./lab";
import { Needles } from "./needles";
import { Stack } from "./stack";
import { processesDuring } from "./watched-processes";
import { WatchedProject } from "./watched-project";

const project = new WatchedProject();
const stack = new Stack("secrets", project.folder);
const record = join(stack.folder, "grpc.json");
const hosts = ["hub", "laptop1", "laptop2"];
const untouched = new Map<string, string>();

/** Private keys of TLS and SSH, and passwords. */
const needles = new Needles();
/** A secret among the settings stands in main.cf for everybody on that host, and Postfix may log it; nothing else may hold it. */
const ofSettings = new Needles();
const inSettings = { milter_macro_daemon_name: "open-sesame-4711-8152" };
const badProtocol = "no-such-protocol-2718-2818";
const wrongPassword = "wrong-password-3141-5926";
const wrongKey = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "sec1", format: "pem" },
}).privateKey;

/** Nothing secret is in any form in what somebody may read. */
function clean(what: string, text: string): void {
    assert.deepEqual([...needles.in(text), ...ofSettings.in(text)], [], `${what} holds a secret`);
}

interface Changed {
    banner?: string;
    hubKey?: string;
    laptopPassword?: string;
}

/** The hub by a key, laptop1 by a password and sudo, laptop2 by a key. */
async function configure({ banner = "hello", hubKey, laptopPassword }: Changed = {}): Promise<void> {
    const settings = { smtpd_banner: `$myhostname ESMTP ${banner}` };
    await stack.config(
        {
            smartHost: { hostname: labHost("hub").fqdn, connection: connection("hub"), settings },
            laptops: {
                laptop1: { connection: { ...connection("laptop1"), user: "admin" }, sudo: true, settings },
                laptop2: { connection: connection("laptop2") },
            },
        },
        {
            "privateKeys.hub": hubKey ?? operatorKey(),
            "privateKeys.laptop2": operatorKey(),
            "passwords.laptop1": laptopPassword ?? operatorPassword(),
        },
    );
}

/** Every text in a part of the state, by where it stands; secrets too. */
function texts(value: unknown, where: string): [string, string][] {
    if (typeof value === "string") return [[where, value]];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, below]) =>
        key === "plaintext" ? texts(JSON.parse(String(below)), where) : texts(below, `${where}.${key}`),
    );
}

/** Adds every private key of the state, in every spelling that the state has of it. */
function addKeysOf(state: unknown): void {
    const all = texts(state, "state");
    const isPublic = /\.(publicKeyPem|publicKeyOpenssh|certPem)$/;
    const known = all.filter(([where]) => isPublic.test(where)).map(([, text]) => text);
    for (const [where, text] of all) {
        if (text.includes("PRIVATE KEY")) needles.addKey(where, text, known.join("\n"));
    }
}

before(async () => {
    for (const host of hosts) untouched.set(host, configuration(host));
    needles.addKey("the operator's SSH key", operatorKey());
    needles.add("the operator's password", operatorPassword());
    needles.addKey("a wrong SSH key", wrongKey);
    needles.add("a wrong password", wrongPassword);
    ofSettings.add("a secret setting", "open-sesame-4711-8152");
    ofSettings.add("a secret setting that Postfix refuses", badProtocol);
    stack.environment.PULUMI_DEBUG_GRPC = record;
    project.secretSettings(inSettings);
    await configure();
});

after(() => {
    stack.remove();
    rmSync(project.folder, { recursive: true, force: true });
});

let processes: [string, string][] = [];
let upSaid = "";

test("up, with every process watched that it starts here and on the hosts", async () => {
    processes = await processesDuring(async () => {
        const { code, out } = await stack.up();
        assert.equal(code, 0, out);
        upSaid = out;
    });
    const commands = processes.map(([command]) => command);
    for (const seen of [/^pulumi up /, /node .*provider\/main\.js/, /^\/bin\/sh -s/, /^sudo -n \/bin\/sh -s/])
        assert.ok(
            commands.some((command) => seen.test(command)),
            `${seen} was not seen`,
        );
});

test("the search finds each secret where it must be", async () => {
    const { out } = await stack.run(["stack", "export", "--show-secrets"]);
    addKeysOf(JSON.parse(out));
    const state = needles.in(out);
    for (const name of ["hub-key-1", "hub-key-2", "laptop1-key-1", "laptop2-key-1"])
        assert.ok(out.includes(name));
    assert.ok(state.length > 12, state.join("\n"));
    assert.deepEqual(ofSettings.in(out), ["a secret setting"]);
    assert.ok(state.includes("the operator's password"));
    for (const host of hosts) {
        const chain = readOn(host, "/etc/postfix/pulumi/*/*/identity.pem");
        assert.notDeepEqual(needles.in(chain), []);
        assert.notDeepEqual(needles.in(Buffer.from(chain).toString("base64")), [], "encoded");
    }
});

test("no process had a secret on its command line or in its environment", () => {
    for (const [command, environment] of processes) {
        clean(`the command line of ${command.slice(0, 60)}`, command);
        // The engine hands the whole config to the program and to every plugin in this one variable: SECURITY.md.
        clean(`the environment of ${command.slice(0, 60)}`, environment.replace(/^PULUMI_CONFIG=.*$/m, ""));
        if (/^SSH_CONNECTION=/m.test(environment)) clean(`what ${command} got by SSH`, environment);
    }
});

test("state, outputs and what up says hold no secret in clear", async () => {
    clean("up", upSaid);
    clean("stack export", (await stack.exportState()).out);
    clean("stack output", JSON.stringify(await stack.outputs()));
});

test("nor do preview and refresh with all their differences", async () => {
    on("laptop1", "sed -i 's/^smtp_tls_loglevel = 1/smtp_tls_loglevel = 2/' /etc/postfix/main.cf");
    on("hub", "sed -i 's/open-sesame/no-sesame/' /etc/postfix/main.cf");
    on("laptop2", "for file in /etc/postfix/pulumi/*/*/identity.pem; do echo >>$file; done");
    const refresh = await stack.refresh("--diff");
    assert.equal(refresh.code, 0, refresh.out);
    assert.match(refresh.out, /smtp_tls_loglevel: "1" => "2"/);
    assert.match(refresh.out, /identity\.pem was changed on the host/);
    clean("refresh", refresh.out);
    await configure({ banner: "good-day" });
    const preview = await stack.preview("--diff");
    assert.equal(preview.code, 0, preview.out);
    assert.match(preview.out, /main\.cf:\d+ milter_macro_daemon_name: .* => /);
    clean("preview", preview.out);
    const up = await stack.up("--diff");
    assert.equal(up.code, 0, up.out);
    clean("up --diff", up.out);
    clean("stack export", (await stack.exportState()).out);
});

test("nor does a failure: a wrong key, a wrong password, a setting that Postfix refuses", async () => {
    await configure({ banner: "wrong", hubKey: wrongKey });
    const noKey = await stack.up("--skip-preview");
    assert.notEqual(noKey.code, 0, noKey.out);
    assert.match(noKey.out, /root@10\.77\.0\.1:22: login as root refused/);
    clean("a wrong key", noKey.out);
    await configure({ banner: "wrong", laptopPassword: wrongPassword });
    const noPassword = await stack.up("--skip-preview");
    assert.notEqual(noPassword.code, 0, noPassword.out);
    assert.match(noPassword.out, /admin@10\.77\.1\.1:22: login as admin refused/);
    clean("a wrong password", noPassword.out);
    await configure();
    project.secretSettings({ ...inSettings, inet_protocols: badProtocol });
    const refused = await stack.up("--skip-preview");
    assert.notEqual(refused.code, 0, refused.out);
    assert.match(refused.out, /Nothing was changed on the host/);
    assert.match(refused.out, /inet_protocols/);
    clean("a refused setting", refused.out);
    clean("stack export", (await stack.exportState()).out);
    project.secretSettings(inSettings);
});

test("with -v=9 and --tracing the engine writes secrets, our provider still none", async () => {
    await configure({ banner: "talkative" });
    const trace = `file:${join(stack.folder, "trace")}`;
    const stood = project.providerWrote();
    const { code, out } = await stack.up("--skip-preview", "-v=9", "--logtostderr", "--tracing", trace);
    assert.equal(code, 0, out.slice(-2000));
    // Else there would be nothing to tell apart, and SECURITY.md would say too much.
    assert.notDeepEqual(needles.in(out), []);
    assert.match(project.providerWrote().slice(stood.length), /^\d+$/m, "the copy holds at least the port");
});

test("in all these runs our provider wrote no secret, and answered with secrets only marked as such", () => {
    clean("stdout and stderr of the provider", project.providerWrote());
    let [answers, marked] = [0, 0];
    for (const line of readFileSync(record, "utf8").split("\n").filter(Boolean)) {
        const call = JSON.parse(line) as {
            method: string;
            response?: unknown;
            errors?: unknown;
            metadata?: { name?: string };
        };
        if (call.metadata?.name !== "postfix" || !call.method.startsWith("/pulumirpc.ResourceProvider/"))
            continue;
        if (call.response === undefined && call.errors === undefined) continue;
        answers++;
        const said = JSON.stringify([call.response, call.errors], (_, value: unknown) => {
            const isSecret =
                typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
            if (isSecret) marked++;
            return isSecret ? "" : value;
        });
        clean(call.method, said);
    }
    assert.ok(answers > 50 && marked > 50, `${answers} answers, ${marked} secrets in them`);
});

test("on the hosts private keys are in root's own files, and nowhere else", () => {
    for (const host of hosts) {
        const patterns = needles.texts.map((text) => `-e '${text}'`).join(" ");
        const places = "/etc /var /tmp /run /root /home /dev/shm /srv /opt /usr/local";
        const holders = on(host, `grep -rlFs ${patterns} ${places} || true`).split("\n").filter(Boolean);
        assert.notDeepEqual(holders, []);
        for (const file of holders) {
            assert.match(file, /^\/etc\/postfix\/pulumi\/[a-z0-9-]+\/[0-9a-f]{16}\/identity\.pem$/);
            assert.equal(on(host, `stat -c '%a %U:%G' ${file}`), "600 root:root\n", file);
        }
        const folders = on(host, "find /etc/postfix/pulumi -type d -printf '%m %u:%g\\n' | sort -u");
        assert.equal(folders, "700 root:root\n", host);
        clean(
            `what anybody may read on ${host}`,
            on(
                host,
                "find /etc/postfix -type f -perm /044 ! -path /etc/postfix/main.cf ! -path '/etc/postfix/pulumi/*' -exec cat {} +",
            ),
        );
    }
});

test("destroy says no secret, and gives every host back", async () => {
    await configure({ banner: "talkative" });
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    clean("destroy", out);
    for (const host of hosts) assert.equal(configuration(host), untouched.get(host), host);
});
