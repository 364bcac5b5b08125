import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once, setMaxListeners } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "../../../postfix/validate/connection";
import { type HostOptions, type RemoteHost, withHost } from "../../../provider/ssh/connect";
import { mostAtWork } from "../../../provider/ssh/limits";
import { failure } from "./failure";
import { at, connectionTo, type FakeHost, type FakeHostOptions, fakeHost } from "./server";

/** Machines that may be asleep: who waits for whom, as an order of events. */
const silent: FakeHostOptions = { intercept: () => true, everywhere: true };
/** Addresses of loopback, each a machine of its own. */
const places = (count: number) => Array.from({ length: count }, (_, index) => `127.0.1.${index + 1}`);

function reach<T = string>(
    host: { port: number },
    changes: Partial<Connection> = {},
    options: HostOptions = {},
    use: (remote: RemoteHost) => Promise<T> = async (remote) => remote.label as T,
): Promise<T> {
    const connection = connectionTo(host as FakeHost, changes);
    return withHost({ connection }, { lane: "pending", deadlineSeconds: 60, ...options }, use);
}

/** Dials until all are cancelled; `over` counts those that came to an end before. */
function sleepers(dials: ((signal: AbortSignal) => Promise<unknown>)[]) {
    const cancel = new AbortController();
    // Each listens to it.
    setMaxListeners(0, cancel.signal);
    const state = { over: 0 };
    const ends = dials.map(async (dial) => {
        await failure(dial(cancel.signal));
        state.over++;
    });
    return {
        state,
        wake: async () => {
            cancel.abort();
            await Promise.all(ends);
        },
    };
}

/** Waits until it is so, or somebody came to an end: with a place too few it is never so. */
async function unlessOver(state: { over: number }, isSo: () => boolean): Promise<void> {
    while (!isSo() && state.over === 0) await sleep(10);
    assert.equal(state.over, 0, "somebody had to wait until another gave up");
}

test("a hundred machines that answer nothing are all dialled before the first of them is given up", async () => {
    await at(silent, async (host) => {
        const dials = places(100).map(
            (place) => (signal: AbortSignal) => reach(host, { host: place }, { signal, deadlineSeconds: 15 }),
        );
        const { state, wake } = sleepers(dials);
        await unlessOver(state, () => host.connections === 100);
        await wake();
    });
});

test("so are a hundred whose network swallows the very first packet", {
    skip: !existsSync("/proc/net/tcp"),
}, async () => {
    // A process that listens and does nothing else: its queue is full at once, and the kernel drops what comes then.
    const frozen = spawn(process.execPath, [
        "-e",
        `const server = require("node:net").createServer().listen({ port: 0, host: "0.0.0.0", backlog: 1 }, () => {
            require("node:fs").writeSync(1, String(server.address().port));
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        });`,
    ]);
    try {
        const [said] = (await once(frozen.stdout, "data")) as [Buffer];
        const port = Number(said);
        const { state, wake } = sleepers(
            places(100).map(
                (place) => (signal) => reach({ port }, { host: place }, { signal, deadlineSeconds: 15 }),
            ),
        );
        await unlessOver(state, () => dialled(port).length === 100);
        assert.ok(dialled(port).filter((state) => state === synSent).length > 90);
        await wake();
    } finally {
        frozen.kill("SIGKILL");
    }
});

const synSent = "02";

/** The states of this machine's connections to a port, begun or made (proc_net_tcp). */
function dialled(port: number): string[] {
    const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    return readFileSync("/proc/net/tcp", "utf8")
        .split("\n")
        .flatMap((line) => {
            const [, , remote = "", state = ""] = line.trim().split(/\s+/);
            return remote.endsWith(suffix) ? [state] : [];
        });
}

test("a machine that is awake is served while a hundred sleep", async () => {
    await at(silent, async (asleep) => {
        const { state, wake } = sleepers(
            places(100).map(
                (place) => (signal) => reach(asleep, { host: place }, { signal, deadlineSeconds: 15 }),
            ),
        );
        const served = at({}, (awake) => reach(awake));
        let done = false;
        void served.then(() => {
            done = true;
        });
        await unlessOver(state, () => done);
        assert.match(await served, /^alice@127\.0\.0\.1:/);
        await wake();
    });
});

test("those that answer wait, logged in, for a slot to work, which machines of the other lane wait for too", async () => {
    const hosts = await Promise.all(places(mostAtWork + 8).map(() => fakeHost()));
    const loggedIn = () => hosts.filter(({ logins }) => logins.includes("publickey")).length;
    const work = { now: 0, most: 0, done: 0 };
    const use = async () => {
        work.most = Math.max(work.most, ++work.now);
        // None of them ends before all are there.
        while (loggedIn() < hosts.length) await sleep(10);
        await sleep(50);
        work.now--;
        work.done++;
    };
    await Promise.all(hosts.map((host) => reach(host, {}, {}, use)));
    assert.deepEqual([work.most, work.done], [mostAtWork, hosts.length]);
    await Promise.all(hosts.map((host) => reach(host, {}, { lane: "normal" }, use)));
    assert.deepEqual([work.most, work.done], [mostAtWork, 2 * hosts.length]);
    await Promise.all(hosts.map((host) => host.stop()));
});

test("one that hangs up while it waits for a slot counts as asleep: nothing was done there", async () => {
    await at({}, async (dozing) => {
        let letGo = () => {};
        const until = new Promise<void>((resolve) => {
            letGo = resolve;
        });
        let working = 0;
        const hosts = await Promise.all(places(mostAtWork).map(() => fakeHost()));
        const busy = hosts.map((host) =>
            reach(host, {}, { lane: "normal" }, async () => {
                working++;
                await until;
            }),
        );
        while (working < mostAtWork) await sleep(10);
        const waits = failure(reach(dozing));
        while (!dozing.logins.includes("publickey")) await sleep(10);
        // The client knows of its login a moment after the server has granted it.
        await sleep(200);
        dozing.dropAll();
        await dozing.empty();
        letGo();
        const error = await waits;
        assert.deepEqual([error.kind, error.step], ["unreachable", "connect"]);
        assert.match(error.shortMessage, /not reachable: it hung up before its turn came$/);
        await Promise.all(busy);
        await Promise.all(hosts.map((host) => host.stop()));
    });
});

/** A login that takes so many milliseconds. */
const slowly = (milliseconds: number): FakeHostOptions => ({
    allow: (login) => {
        setTimeout(() => login.accept(), milliseconds);
        return undefined;
    },
});

test("who answers is awake: its login may take longer than the deadline", async () => {
    await at(slowly(1_500), async (host) => {
        assert.match(await reach(host, {}, { deadlineSeconds: 1 }), /^alice@/);
    });
});

test("a jump host that takes its time takes it from no machine behind it", async () => {
    await at({}, async (host) => {
        await at(slowly(1_500), async (jump) => {
            const proxy = connectionTo(jump);
            assert.match(await reach(host, { proxy }, { deadlineSeconds: 1 }), /^alice@/);
        });
    });
});

test("the deadline does not run while another operation is at work on the machine", async () => {
    await at({}, async (host) => {
        let isThere = () => {};
        const there = new Promise<void>((resolve) => {
            isThere = resolve;
        });
        const first = reach(host, {}, {}, async () => {
            isThere();
            await sleep(3_000);
        });
        await there;
        assert.match(await reach(host, {}, { deadlineSeconds: 2 }), /^alice@/);
        await first;
    });
});

test("nor while it stands in line at a jump host that answers, however slowly", async () => {
    await at({}, async (host) => {
        // Eight at a time, a second each: the last of them waits longer than its deadline.
        await at(slowly(1_000), async (jump) => {
            const proxy = connectionTo(jump);
            const hosts = await Promise.all(places(32).map(() => fakeHost()));
            const reached = hosts.map((each) => reach(each, { proxy }, { deadlineSeconds: 3 }));
            assert.equal((await Promise.all(reached)).length, 32);
            await Promise.all(hosts.map((each) => each.stop()));
        });
        await host.empty();
    });
});

test("behind a jump host that is away all find it out together: those in line do not dial it one after the other", async () => {
    await at(silent, async (jump) => {
        const proxy = connectionTo(jump);
        const behind = places(24).map((place) =>
            failure(reach({ port: 22 }, { host: place, proxy }, { deadlineSeconds: 4 })),
        );
        const errors = await Promise.all(behind);
        assert.equal(jump.connections, 8);
        const reasons = errors.map(({ kind, shortMessage }) => `${kind}: ${shortMessage}`);
        const away =
            /^unreachable: alice@127\.0\.0\.1:\d+: the jump host is not reachable: no answer .*\(1 try in [\d.]+ s\)$/;
        for (const reason of reasons) assert.match(reason, away);
        assert.equal(
            reasons.filter((reason) => / no answer to those ahead in line \(/.test(reason)).length,
            16,
        );
    });
});

test("one private address behind two jump hosts is two machines", async () => {
    await at(silent, async (asleep) => {
        await at({}, async (one) => {
            await at({}, async (other) => {
                const { state, wake } = sleepers(
                    [one, other].map((jump) => (signal) => {
                        const proxy = connectionTo(jump);
                        return reach(asleep, { proxy }, { signal, deadlineSeconds: 15 });
                    }),
                );
                await unlessOver(state, () => asleep.connections === 2);
                await wake();
            });
        });
    });
});
