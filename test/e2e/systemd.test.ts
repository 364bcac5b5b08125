import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { configuration, eventually, lab, litter, mailWith, on, send, startPerl } from "./lab";
import { Needles } from "./needles";
import { Stack } from "./stack";
import { unseen } from "./unseen-value";

const machines = [
    {
        debian: "bookworm",
        hub: "hub-sysd12",
        laptop: "laptop-sysd12",
        unit: "postfix@-.service",
        net: "10.77.16",
    },
    {
        debian: "trixie",
        hub: "hub-sysd13",
        laptop: "laptop-sysd13",
        unit: "postfix.service",
        net: "10.77.17",
    },
];

/** The unit or session that has the running Postfix, and what systemd says of the unit. */
const owner = (host: string, unit: string) =>
    on(
        host,
        `postfix status >/dev/null 2>&1 || echo "does not run:"
        basename "$(sed -n 's/^0:://p' /proc/$(tr -d ' ' </var/spool/postfix/pid/master.pid)/cgroup)"
        systemctl is-active ${unit} || true`,
    )
        .trim()
        .split("\n");

const masterPid = (host: string) => on(host, "tr -d ' \\n' </var/spool/postfix/pid/master.pid");

/** The whole journal, also what is longer than a line. */
const journal = (host: string) => on(host, "journalctl --no-pager -a -o export");

/** A login of the admin's that ends when the command has run. */
const login = (host: string, command: string) =>
    execFileSync("ssh", ["-F", lab("ssh-config").trim(), host, command], { encoding: "utf8" });

/** What an admin types to whom the unit means nothing. Debian 13's own `postfix start` asks systemd, unless it thinks it is. */
const byHand = "postfix stop >/dev/null 2>&1; INVOCATION_ID=none postfix start >/dev/null 2>&1";

for (const { debian, hub, laptop, unit, net } of machines) {
    describe(`systemd on Debian ${debian}`, () => {
        const stack = new Stack(debian);
        const hosts = [hub, laptop];
        const originals = new Map<string, string>();
        const ofLaptop = (settings: Record<string, string>, ofHub: Record<string, string> = {}) =>
            stack.machines({ settings: ofHub }, { [laptop]: { settings } }, hub);
        const up = async (): Promise<string> => {
            const { code, out } = await stack.up("--skip-preview");
            assert.equal(code, 0, out);
            return out;
        };
        const owns = (host: string) => assert.deepEqual(owner(host, unit), [unit, "active"], host);

        before(async () => {
            lab("add", hub, `${net}.1`, "--release", `${debian}-systemd`);
            lab("add", laptop, `${net}.2`, "--release", `${debian}-systemd`);
            for (const host of hosts) originals.set(host, configuration(host));
            await ofLaptop({});
        });
        after(() => stack.remove());

        test("a hub and a laptop are proven by what stands in the journal only, and the unit owns Postfix", async () => {
            const out = await up();
            assert.doesNotMatch(out, /unproven|not proven/);
            for (const host of hosts) {
                assert.equal(
                    on(host, "ls /var/log/mail.log /var/log/syslog 2>/dev/null | wc -l").trim(),
                    "0",
                );
                assert.equal(litter(host), "", host);
                owns(host);
            }
            assert.equal((await stack.host(laptop))?.outputs.provenBy, "postfix");
            send(laptop, `by-the-unit-of-${debian}`);
            await eventually("the mail arrives", () => mailWith(hub, `by-the-unit-of-${debian}`));
            assert.match(journal(laptop), new RegExp(`Verified TLS connection established to ${hub}\\.`));
        });

        test("no key stands in the journal or in what systemd knows of the change", async () => {
            const needles = new Needles();
            for (const host of hosts)
                for (const key of on(host, "cat /etc/postfix/pulumi/*/*/*.pem").matchAll(
                    /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END/g,
                ))
                    needles.addKey(`a key of ${host}`, key[0]);
            assert.ok(needles.texts.length > 0);
            for (const host of hosts) {
                const said = journal(host);
                assert.match(said, /pulumi-postfix-[0-9a-f]+\.service/, "the change was no unit");
                assert.deepEqual(needles.in(said), [], host);
            }
        });

        test("a change that Postfix dies of is seen in the journal and undone; the unit still owns Postfix", async () => {
            const working = configuration(hub);
            await ofLaptop({}, unseen("smtpd_timeout", "5 parsecs"));
            const { code, out } = await stack.up("--skip-preview");
            assert.notEqual(code, 0, out);
            assert.match(out, /\| .*fatal: .*bad time value or unit: 5 parsecs/);
            assert.match(out, /The old configuration is back and Postfix works with it/);
            assert.equal(configuration(hub), working);
            owns(hub);
        });

        test("after a restart of ours the unit owns Postfix, and a restart as an upgrade makes it works", async () => {
            const old = masterPid(hub);
            await ofLaptop({}, { inet_protocols: "ipv4" });
            await up();
            owns(hub);
            const ours = masterPid(hub);
            assert.notEqual(ours, old);
            on(hub, "systemctl restart postfix");
            await eventually(
                "another one runs",
                () => owner(hub, unit)[0] === unit && masterPid(hub) !== ours,
            );
            owns(hub);
            send(laptop, `after-the-upgrade-of-${debian}`);
            await eventually("the mail arrives", () => mailWith(hub, `after-the-upgrade-of-${debian}`));
        });

        test("a Postfix that was started by hand is left to a reload, and given back by a restart, and both say so", async () => {
            login(laptop, byHand);
            const stray = owner(laptop, unit)[0] ?? "";
            assert.match(stray, /^session-.*\.scope$/);
            const old = masterPid(laptop);
            await ofLaptop({ message_size_limit: "20000000" }, { inet_protocols: "ipv4" });
            const reloaded = await up();
            assert.match(
                reloaded,
                new RegExp(`Postfix was started by hand \\(in ${stray.replaceAll(".", "\\.")}\\)`),
            );
            assert.equal(masterPid(laptop), old);
            await ofLaptop({ inet_protocols: "ipv4" }, { inet_protocols: "ipv4" });
            const restarted = await up();
            assert.match(restarted, new RegExp(`started by hand .*now it is ${unit}'s again`));
            owns(laptop);
            assert.equal(litter(laptop), "");
            on(laptop, "systemctl restart postfix");
            await eventually("the unit runs it", () => owner(laptop, unit)[0] === unit);
            assert.doesNotMatch(await up(), /by hand/);
        });

        test("the end of the SSH session kills neither the change nor Postfix, where it kills all that is the user's", async () => {
            on(
                laptop,
                `mkdir -p /etc/systemd/logind.conf.d &&
                printf '[Login]\\nKillUserProcesses=yes\\nKillExcludeUsers=nobody\\n' >/etc/systemd/logind.conf.d/lab.conf &&
                systemctl restart systemd-logind`,
            );
            // What is left in a session dies with it: this lab host does what it was set to.
            login(laptop, "setsid sleep 4711 >/dev/null 2>&1 </dev/null &");
            await eventually(
                "setsid does not help",
                () => on(laptop, "pgrep -fx 'sleep 4711' || echo gone").trim() === "gone",
            );
            startPerl(
                laptop,
                `select(undef, undef, undef, 0.001) until glob("/run/pulumi-postfix/*/config");
                system("loginctl terminate-user root");`,
            );
            await ofLaptop({ inet_protocols: "all" }, { inet_protocols: "ipv4" });
            const { code, out } = await stack.up("--skip-preview");
            assert.notEqual(code, 0, out);
            assert.match(out, /connection/i);
            await eventually("the change comes to its end", () => litter(laptop) === "");
            assert.match(on(laptop, "postconf -h inet_protocols"), /^all$/m);
            owns(laptop);
            const { code: again, out: said } = await stack.up("--skip-preview");
            assert.equal(again, 0, said);
            owns(laptop);
            send(laptop, `after-the-logout-of-${debian}`);
            await eventually("the mail arrives", () => mailWith(hub, `after-the-logout-of-${debian}`));
        });

        test("destroy gives both files back byte for byte, and Postfix to its unit", async () => {
            const { code, out } = await stack.destroy();
            assert.equal(code, 0, out);
            for (const host of hosts) {
                assert.equal(configuration(host), originals.get(host), host);
                assert.equal(litter(host), "", host);
                owns(host);
            }
        });
    });
}
