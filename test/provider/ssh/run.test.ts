import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type HostOptions, type RemoteHost, type SshTarget, withHost } from "../../../provider/ssh/connect";
import { failure } from "./failure";
import { connectionTo, type FakeHost, fakeHost, finish } from "./server";

let host: FakeHost;
/** Lets the fake shell go on. */
let goOn: () => void = () => undefined;

/** What stands on stdin decides what the fake shell does. */
before(async () => {
    host = await fakeHost({
        allow: () => true,
        methods: ["publickey", "password"],
        exec: (channel, stdin) => {
            if (stdin === "hang") return;
            if (stdin === "drop") return host.dropAll();
            if (stdin === "flood") return finish(channel, 0, "x".repeat(5 * 1024 * 1024));
            if (stdin === "leave a child") {
                channel.write("done\n");
                return channel.exit(0);
            }
            if (stdin === "killed") {
                channel.exit("KILL");
                return channel.end();
            }
            if (stdin === "slow lines") {
                goOn = () => finish(channel, 0, "o\r\nthree");
                channel.write("one\ntw");
                return;
            }
            const [code = "0", stdout = "", stderr = ""] = JSON.parse(stdin) as string[];
            finish(channel, Number(code), stdout, stderr);
        },
    });
});
after(() => host.stop());

function on<T>(
    use: (remote: RemoteHost) => Promise<T>,
    target: Partial<SshTarget> = {},
    options: HostOptions = {},
) {
    return withHost({ connection: connectionTo(host), ...target }, { deadlineSeconds: 60, ...options }, use);
}

const script = (stdin: string) => ({ step: "apply", stdin, timeoutSeconds: 60 });
const answer = (code: number, stdout = "", stderr = "") =>
    script(JSON.stringify([String(code), stdout, stderr]));

test("a script goes over stdin to a constant command, its exit code is an answer", async () => {
    host.commands.length = 0;
    const result = await on((remote) => remote.run(answer(3, "out\n", "err\n")));
    assert.deepEqual(result, { exitCode: 3, stdout: "out\n", stderr: "err\n" });
    assert.deepEqual(host.commands, ["/bin/sh -s"]);
});

test("several runs share one connection, and it is closed at the end", async () => {
    const before = host.connections;
    await on(async (remote) => {
        assert.equal(remote.label, `alice@127.0.0.1:${host.port}`);
        for (let count = 0; count < 3; count++) await remote.run(answer(0));
    });
    assert.equal(host.connections, before + 1);
    await host.empty();
});

test("lines come while the script runs", async () => {
    const lines: string[] = [];
    const onLine = (line: string) => {
        lines.push(line);
        // The script does not end before its first line has come.
        if (line === "one") goOn();
    };
    const result = await on((remote) => remote.run({ ...script("slow lines"), onLine }));
    assert.deepEqual(lines, ["one", "two", "three"]);
    assert.equal(result.stdout, "one\ntwo\r\nthree");
});

test("sudo is used where asked for, but not for root", async () => {
    host.commands.length = 0;
    await on((remote) => remote.run(answer(0)), { sudo: true });
    await on((remote) => remote.run(answer(0)), {
        sudo: true,
        connection: connectionTo(host, { user: "root" }),
    });
    assert.deepEqual(host.commands, ["sudo -n /bin/sh -s", "/bin/sh -s"]);
});

for (const { said, code, reason } of [
    { said: "sudo: a password is required", code: 1, reason: /sudo wants a password/ },
    { said: "sudo: Ein Passwort ist notwendig", code: 1, reason: /sudo failed/ },
    { said: "alice is not in the sudoers file.", code: 1, reason: /sudo refuses this user/ },
    { said: "sudo: sorry, you must have a tty to run sudo", code: 1, reason: /sudo wants a terminal/ },
    { said: "sh: 1: sudo: not found", code: 127, reason: /there is no sudo on this machine/ },
    { said: "bash: line 1: sudo: command not found", code: 127, reason: /there is no sudo on this machine/ },
]) {
    test(`sudo: "${said}" is told with its remedy`, async () => {
        const error = await failure(
            on((remote) => remote.run(answer(code, "", `${said}\n`)), { sudo: true }),
        );
        assert.equal(error.kind, "sudo");
        assert.match(error.shortMessage, reason);
        assert.ok(error.message.includes(said), error.message);
        assert.match(error.hint ?? "", /sudo/);
    });
}

test("a script that fails under sudo is not taken for sudo's own failure", async () => {
    const warned = "sudo: unable to resolve host laptop\nno Postfix here\n";
    const result = await on((remote) => remote.run(answer(1, "", warned)), { sudo: true });
    assert.equal(result.exitCode, 1);
    const silent = "sudo: unable to resolve host laptop: Name or service not known\n";
    assert.equal((await on((remote) => remote.run(answer(1, "", silent)), { sudo: true })).exitCode, 1);
});

test("a script that does not end is cut off at its time limit, and the host stays usable", async () => {
    await on(async (remote) => {
        const error = await failure(remote.run({ ...script("hang"), timeoutSeconds: 0.1 }));
        assert.equal(error.kind, "timeout");
        assert.match(error.shortMessage, /apply: not finished after 0.1 s/);
        assert.equal((await remote.run(answer(0))).exitCode, 0);
    });
});

test("output beyond the limit ends the script with a clear error", async () => {
    const error = await failure(on((remote) => remote.run(script("flood"))));
    assert.equal(error.kind, "step");
    assert.match(error.shortMessage, /wrote more than 4 MiB/);
});

test("a large script reaches the host whole", async () => {
    const big = "y".repeat(3 * 1024 * 1024);
    assert.equal((await on((remote) => remote.run(answer(0, big)))).stdout, big);
});

test("a command that was killed counts as a shell counts", async () => {
    assert.equal((await on((remote) => remote.run(script("killed")))).exitCode, 137);
});

test("a child that keeps the output open does not hold us up", async () => {
    const result = await on((remote) => remote.run({ ...script("leave a child"), graceSeconds: 0.2 }));
    assert.deepEqual(result, { exitCode: 0, stdout: "done\n", stderr: "" });
});

test("a connection that breaks during a script is said so and not tried again", async () => {
    const before = host.connections;
    const error = await failure(on((remote) => remote.run(script("drop"))));
    assert.equal(error.kind, "unreachable");
    assert.match(error.shortMessage, /apply: the connection was lost/);
    assert.equal(host.connections, before + 1);
});

test("cancel ends a running script at once", async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(), 50);
    const error = await failure(on((remote) => remote.run(script("hang")), {}, { signal: cancel.signal }));
    assert.equal(error.kind, "cancelled", "not by its time limit");
});

test("cancel ends the wait for the machine's turn", async () => {
    const cancel = new AbortController();
    let end = () => {};
    const held = new Promise<void>((resolve) => {
        end = resolve;
    });
    const first = on(() => held);
    const second = failure(on(async () => assert.fail("ran"), {}, { signal: cancel.signal }));
    setTimeout(() => cancel.abort(), 20);
    assert.equal((await second).kind, "cancelled");
    end();
    await first;
});

test("operations on one machine come one after the other", async () => {
    let running = 0;
    let most = 0;
    const operation = () =>
        on(async (remote) => {
            most = Math.max(most, ++running);
            await remote.run(answer(0));
            running--;
        });
    await Promise.all([operation(), operation(), operation()]);
    assert.equal(most, 1);
});

test("a failed operation lets the next one in", async () => {
    await assert.rejects(
        on(async () => {
            throw new Error("mine");
        }),
        /mine/,
    );
    assert.equal((await on((remote) => remote.run(answer(0)))).exitCode, 0);
});

test("secrets of the connection are masked wherever a person may see them, never in the data", async () => {
    const connection = connectionTo(host, { password: "hunter2-secret", privateKeyPassword: "opensesame" });
    const lines: string[] = [];
    const leak = `a hunter2-secret b opensesame ${connection.privateKey?.split("\n")[2]}`;
    const run = { ...answer(1, leak, leak), onLine: (line: string) => lines.push(line) };
    const result = await on((remote) => remote.run(run), { connection });
    assert.equal(result.stdout, leak);
    assert.equal(result.stderr, "a *** b *** ***");
    assert.deepEqual(lines, ["a *** b *** ***"]);
});
