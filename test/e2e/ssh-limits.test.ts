import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { secretOf } from "../provider/grpc/harness";
import { DirectProvider, type Values } from "./direct";
import { directHub, directLaptop, newKeyPair } from "./direct-machines";
import { configuration, connection, on, operatorKey, tryOn } from "./lab";

/** What an sshd may be told, and what may stand between it and Postfix: it works, or the error says what to do. */
let provider: DirectProvider;
const [hubKey, laptopKey] = [newKeyPair("hub"), newKeyPair("laptop")];
const own = "/etc/ssh/sshd_config.d/0.conf";

const key = () => secretOf(operatorKey());
const reached = (host: string, more: Values = {}): Values => ({
    ...connection(host),
    privateKey: key(),
    ...more,
});
const laptop = (host: string, more: Values = {}): Values =>
    directLaptop(
        host,
        laptopKey,
        { host: "hub", pins: [hubKey.pin] },
        {},
        { connection: reached(host, more) },
    );
const hub = (more: Values = {}): Values => directHub("hub", hubKey, {}, { connection: reached("hub", more) });

/** A dry run that has seen the host: one that cannot reach it only warns. */
async function seen(inputs: Values, by = provider): Promise<void> {
    const before = by.warned.length;
    await by.preview(inputs);
    assert.deepEqual(by.warned.slice(before), []);
}

async function refusal(inputs: Values): Promise<string> {
    const error = await provider.create(inputs).then(
        () => assert.fail("it went through"),
        (reason: { details: string }) => reason,
    );
    return error.details;
}

const restart = (host: string) =>
    on(
        host,
        `pid=$(cat /run/sshd.pid); kill $pid; while [ -d /proc/$pid ]; do sleep 0.05; done; /usr/sbin/sshd
        while [ ! -s /run/sshd.pid ]; do sleep 0.05; done`,
    );

/** With more lines in a host's sshd_config; the first that names a keyword counts. */
async function sshd<T>(host: string, lines: string, use: () => Promise<T>): Promise<T> {
    on(host, `printf '${lines}\\n' >${own}`);
    restart(host);
    try {
        return await use();
    } finally {
        on(host, `rm ${own}`);
        restart(host);
    }
}

/** Something else on a host than the lab put there. */
async function changed<T>(host: string, spoil: string, mend: string, use: () => Promise<T>): Promise<T> {
    on(host, spoil);
    try {
        return await use();
    } finally {
        on(host, mend);
    }
}

before(async () => {
    provider = await DirectProvider.start();
});
after(() => provider.stop());

test("MaxStartups 1: three operations at once through one jump host, and three programs at once, all get through", async () => {
    await sshd("hub", "MaxStartups 1", async () => {
        const hosts = ["laptop1", "laptop2", "laptop3"];
        const proxy = reached("hub");
        await Promise.all(hosts.map((host) => seen(laptop(host, { proxy }))));
        const others = await Promise.all([1, 2].map(() => DirectProvider.start()));
        try {
            await Promise.all([provider, ...others].map((each) => seen(hub(), each)));
        } finally {
            for (const each of others) each.stop();
        }
    });
});

test("MaxSessions 1 and ClientAliveInterval 1: a change is made and undone", async () => {
    await sshd("hub", "MaxSessions 1\\nClientAliveInterval 1\\nClientAliveCountMax 1", async () => {
        const before = configuration("hub");
        const kept = await provider.create(hub());
        await provider.delete(kept);
        assert.equal(configuration("hub"), before);
    });
});

test("MaxSessions 0: the machine runs no commands, and that is said", async () => {
    const said = await sshd("laptop1", "MaxSessions 0", () => refusal(laptop("laptop1")));
    assert.match(said, /root@10\.77\.1\.1:22: .*: the machine does not run commands: .*\n.*MaxSessions/);
});

/** A login that takes its time: sshd waits for the list of keys. */
const slowKeys = (seconds: number) =>
    `printf '#!/bin/sh\\nsleep ${seconds}; cat /etc/ssh/lab_authorized_keys\\n' >/usr/local/bin/keys && chmod 755 /usr/local/bin/keys`;
const asksSlowly =
    "AuthorizedKeysFile none\\nAuthorizedKeysCommand /usr/local/bin/keys\\nAuthorizedKeysCommandUser root";

test("a login that takes three seconds is waited for", async () => {
    await changed("laptop1", slowKeys(3), "rm /usr/local/bin/keys", () =>
        sshd("laptop1", asksSlowly, () => seen(laptop("laptop1"))),
    );
});

test("a login that takes longer than LoginGraceTime: told as a refused login, not tried again", async () => {
    const said = await changed("laptop1", slowKeys(5), "rm /usr/local/bin/keys", () =>
        sshd("laptop1", `LoginGraceTime 1\\n${asksSlowly}`, () => refusal(laptop("laptop1"))),
    );
    assert.match(said, /login as root refused: tried private key .*(closed the connection|it said: )/);
    assert.match(said, /LoginGraceTime/);
});

test("UseDNS with a name server that does not answer is waited for", async () => {
    await changed(
        "laptop1",
        "cp -L /etc/resolv.conf /var/tmp/resolv.conf; printf 'nameserver 10.77.0.99\\noptions timeout:2 attempts:1\\n' >/etc/resolv.conf",
        "cat /var/tmp/resolv.conf >/etc/resolv.conf",
        () => sshd("laptop1", "UseDNS yes", () => seen(laptop("laptop1"))),
    );
});

test("AllowTcpForwarding no on a jump host: its sshd_config is named", async () => {
    const said = await sshd("hub", "AllowTcpForwarding no", () =>
        refusal(laptop("laptop1", { proxy: reached("hub") })),
    );
    assert.match(
        said,
        /jump host root@10\.77\.0\.1:22 says: it may not forward connections to 10\.77\.1\.1:22/,
    );
    assert.match(said, /AllowTcpForwarding and PermitOpen in its sshd_config\(5\)/);
});

test("a key with restrict is enough", async () => {
    await withKeyOptions("restrict", () => seen(laptop("laptop1")));
});

test("a forced command: what stands in the way is named", async () => {
    const said = await withKeyOptions('command="echo only backups here"', () => refusal(laptop("laptop1")));
    assert.match(said, /root@10\.77\.1\.1:22: the probe ended early \(exit code 0\)/);
    assert.match(said, /A forced command, a login shell such as nologin/);
});

/** The operator's key with options before it, as sshd(8) has them in authorized_keys. */
function withKeyOptions<T>(options: string, use: () => Promise<T>): Promise<T> {
    return changed(
        "laptop1",
        `sed 's/^ssh-/${options.replaceAll('"', '\\"')} ssh-/' /etc/ssh/lab_authorized_keys >/etc/ssh/optioned_keys`,
        "rm /etc/ssh/optioned_keys",
        () => sshd("laptop1", "AuthorizedKeysFile /etc/ssh/optioned_keys", use),
    );
}

/** root's login shell, for a while. */
function withShell<T>(shell: string, use: () => Promise<T>): Promise<T> {
    return changed("laptop1", `usermod -s ${shell} root`, "usermod -s /bin/bash root", use);
}

for (const shell of ["/usr/sbin/nologin", "/bin/false"]) {
    test(`the login shell ${shell}: named as what stands in the way`, async () => {
        const said = await withShell(shell, () => refusal(laptop("laptop1")));
        assert.match(said, /the probe ended early \(exit code 1\)[\s\S]*login shell such as nologin/);
    });
}

test("a login shell that is no POSIX shell is enough: it starts /bin/sh and nothing else", async () => {
    await changed(
        "laptop1",
        `printf '#!/usr/bin/perl\\ndie "no: @ARGV" if "@ARGV" =~ /[^-a-z \\/]/; shift; exec split / /, shift;\\n' >/usr/local/bin/odd && chmod 755 /usr/local/bin/odd`,
        "rm /usr/local/bin/odd",
        () => withShell("/usr/local/bin/odd", () => seen(laptop("laptop1"))),
    );
});

for (const [what, lines] of [
    ["prints text", "echo hello from .bashrc; printf 'and no line end'; echo trouble >&2"],
    ["prints escape codes", "printf '\\033[2J\\033]0;owned\\007'; printf '\\033[31m' >&2"],
] as const) {
    test(`a .bashrc that ${what}: a change is made and undone`, async () => {
        await withBashrc(lines, async () => {
            const before = configuration("laptop1");
            const kept = await provider.create(laptop("laptop1"));
            assert.match(String(kept.outputs.postfixVersion), /^\d+\.\d+\.\d+$/);
            await provider.delete(kept);
            assert.equal(configuration("laptop1"), before);
        });
    });
}

for (const [what, lines] of [
    ["ends the shell", "echo closed for today; exit 3"],
    ["reads what was meant for the script", "cat >/dev/null"],
] as const) {
    test(`a .bashrc that ${what}: named as what stands in the way`, async () => {
        const said = await withBashrc(lines, () => refusal(laptop("laptop1")));
        assert.match(said, /the probe ended early \(exit code \d\)[\s\S]*a shell's start file that ends it/);
    });
}

function withBashrc<T>(lines: string, use: () => Promise<T>): Promise<T> {
    const quoted = lines.replaceAll("'", "'\\''");
    return changed(
        "laptop1",
        `cp -p /root/.bashrc /var/tmp/bashrc 2>/dev/null; printf %s '${quoted}' >/root/.bashrc`,
        "rm /root/.bashrc; cp -p /var/tmp/bashrc /root/.bashrc 2>/dev/null; true",
        use,
    );
}

/** A line of 64 kB/s with 100 ms each way, that stands still for a second now and then. */
async function slowLine(host: string, port: number): Promise<{ port: number; close(): void }> {
    const sockets = new Set<Socket>();
    const trickle = async (from: Socket, to: Socket): Promise<void> => {
        let portions = 0;
        for await (const data of from) {
            const bytes = data as Buffer;
            for (let start = 0; start < bytes.length; start += 6_400) {
                await sleep(++portions % 30 === 0 ? 1_000 : 100);
                if (!to.destroyed) to.write(bytes.subarray(start, start + 6_400));
            }
        }
        to.end();
    };
    const server = createServer((near) => {
        const far = connect(port, host);
        for (const socket of [near, far]) {
            sockets.add(socket);
            socket.on("error", () => undefined);
        }
        for (const [from, to] of [
            [near, far],
            [far, near],
        ] as const)
            trickle(from, to).catch(() => undefined);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
        port: (server.address() as AddressInfo).port,
        close: () => {
            for (const socket of sockets) socket.destroy();
            server.close();
        },
    };
}

test("a slow line with pauses: a change is made and undone", async () => {
    const { host } = connection("hub");
    const line = await slowLine(host, 22);
    try {
        const slow = hub({ host: "127.0.0.1", port: line.port });
        const before = configuration("hub");
        const kept = await provider.create(slow);
        await provider.delete(kept);
        assert.equal(configuration("hub"), before);
    } finally {
        line.close();
    }
});

test("after all this the hosts are as they were", () => {
    for (const host of ["hub", "laptop1"]) {
        assert.equal(tryOn(host, `test -e ${own}`).code, 1, host);
        assert.equal(tryOn(host, "ls -d /run/pulumi-postfix/*/").out.includes("No such file"), true, host);
    }
});
