import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { installScript, packageManagerCommands } from "../../postfix/packages";
import { Role } from "../../postfix/settings";

/** A machine that has these commands and no others; each writes its arguments down. */
class Machine {
    readonly root = mkdtempSync(join(tmpdir(), "install-"));
    readonly policy = join(this.root, "policy-rc.d");
    readonly sysconfig = join(this.root, "sysconfig-mail");

    constructor(commands: Record<string, string>) {
        mkdirSync(join(this.root, "bin"));
        mkdirSync(join(this.root, "systemd"));
        for (const tool of ["sed", "tr", "grep", "chmod", "rm", "cat"])
            symlinkSync(`/bin/${tool}`, join(this.root, "bin", tool));
        for (const [name, body] of Object.entries({ id: "echo 0", ...commands })) this.command(name, body);
    }

    command(name: string, body: string): void {
        const note = name === "id" ? "" : `echo "${name} $*" >>${this.root}/calls\n`;
        writeFileSync(join(this.root, "bin", name), `#!/bin/sh\n${note}${body}\n`, { mode: 0o755 });
    }

    /** A package manager that brings a postconf, as Postfix does; apt-get -s only says what it would do. */
    brings = (more = "") => `case " $* " in
        *" -s "* | *" update "*) exit 0 ;;
        esac
        ${more}
        cat >${this.root}/bin/postconf <<'END'
#!/bin/sh
case $* in
*config_directory*) echo ${this.root} ;;
*mail_version*) echo 3.9.1 ;;
*) echo "postconf $*" >>${this.root}/calls ;;
esac
END
        chmod 755 ${this.root}/bin/postconf`;

    run(role: Role): { status: number | null; stdout: string; stderr: string; calls: string[] } {
        const script = installScript(role)
            .replace(/^PATH=.*$/m, `PATH=${this.root}/bin`)
            .replaceAll("/usr/sbin/policy-rc.d", this.policy)
            .replaceAll("/etc/sysconfig/mail", this.sysconfig)
            .replaceAll("/run/systemd/system", join(this.root, "systemd"));
        rmSync(join(this.root, "calls"), { force: true });
        const ran = spawnSync("/bin/sh", ["-s"], { input: script, encoding: "utf8" });
        const calls = existsSync(join(this.root, "calls")) ? this.read("calls").trim().split("\n") : [];
        return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr, calls };
    }

    read = (name: string) => readFileSync(join(this.root, name), "utf8");
}

const machines: Machine[] = [];
function machine(commands: Record<string, string>): Machine {
    const made = new Machine(commands);
    machines.push(made);
    return made;
}
afterEach(() => {
    for (const made of machines.splice(0)) rmSync(made.root, { recursive: true });
});

const laptop = "postconf -e inet_interfaces=loopback-only default_transport=error relay_transport=error";
const hub = "postconf -e inet_interfaces=all";
const unit = "systemctl enable postfix.service";
const wait = "-q -o DPkg::Lock::Timeout=300";
const apt = (kind: string) => [
    `apt-get ${wait} update`,
    `apt-get ${wait} -s install --no-install-recommends postfix`,
    `debconf-set-selections postfix postfix/main_mailer_type select ${kind}`,
    `apt-get ${wait} -y -o Dpkg::Options::=--force-confold install --no-install-recommends postfix`,
];

/** What is run on a machine of each kind, for a laptop and for a hub. */
const table: Record<string, { laptop: string[]; hub: string[] }> = {
    "apt-get": { laptop: apt("Local only"), hub: apt("Internet Site") },
    dnf: { laptop: ["dnf -y install postfix", laptop, unit], hub: ["dnf -y install postfix", hub, unit] },
    yum: { laptop: ["yum -y install postfix", laptop, unit], hub: ["yum -y install postfix", hub, unit] },
    zypper: {
        laptop: ["zypper --non-interactive install --no-recommends postfix", laptop, unit],
        hub: ["zypper --non-interactive install --no-recommends postfix", hub, unit],
    },
    apk: {
        laptop: ["apk add postfix", laptop, "rc-update add postfix default"],
        hub: ["apk add postfix", hub, "rc-update add postfix default"],
    },
    pacman: {
        laptop: ["pacman -S --noconfirm --needed postfix", laptop, unit],
        hub: ["pacman -S --noconfirm --needed postfix", hub, unit],
    },
};

test("the table below is about every package manager there is", () => {
    assert.deepEqual(Object.keys(table), packageManagerCommands);
});

for (const [manager, expected] of Object.entries(table)) {
    for (const [role, calls] of [
        [Role.RoadWarrior, expected.laptop],
        [Role.SmartHost, expected.hub],
    ] as const) {
        test(`${manager} installs Postfix for a ${role}, once, and starts nothing`, () => {
            const host = machine({ systemctl: "", "rc-update": "" });
            host.command(manager, host.brings());
            // Takes its answers on its standard input.
            host.command("debconf-set-selections", `sed "s/^/debconf-set-selections /" >>${host.root}/calls`);
            writeFileSync(host.sysconfig, 'SMTPD="no"\nMAIL_CREATE_CONFIG="yes"\n');
            const first = host.run(role);
            assert.equal(first.status, 0, first.stderr);
            assert.deepEqual(
                first.calls.filter((call) => call.trim() !== "debconf-set-selections"),
                calls,
            );
            assert.match(first.stdout, new RegExp(`Postfix 3\\.9\\.1 was installed by ${manager}\n$`));
            assert.equal(
                host.read("sysconfig-mail"),
                `SMTPD="no"\nMAIL_CREATE_CONFIG="${manager === "zypper" ? "no" : "yes"}"\n`,
            );
            writeFileSync(join(host.root, "main.cf"), "");
            const again = host.run(role);
            assert.deepEqual(
                [again.status, again.stdout, again.calls],
                [0, "Postfix 3.9.1 is there already\n", []],
            );
        });
    }
}

test("Postfix without its main.cf is not there yet: the package manager is asked once more", () => {
    const host = machine({});
    host.command("dnf", host.brings());
    host.run(Role.RoadWarrior);
    assert.equal(host.run(Role.RoadWarrior).calls[0], "dnf -y install postfix");
});

test("while Debian installs, its hook forbids Postfix to start and nothing else; afterwards it is gone", () => {
    const host = machine({ "debconf-set-selections": "" });
    const questions = ["postfix", "postfix.service", "postfix@-.service", "rsyslog"].map(
        (name) => `/bin/sh ${host.policy} ${name} start; echo "${name} $?" >>${host.root}/answers`,
    );
    host.command("apt-get", host.brings(questions.join("\n")));
    assert.equal(host.run(Role.SmartHost).status, 0);
    assert.deepEqual(host.read("answers").trim().split("\n"), [
        "postfix 101",
        "postfix.service 101",
        "postfix@-.service 101",
        "rsyslog 0",
    ]);
    assert.ok(!existsSync(host.policy));
});

test("a hook of an admin stays as it is; one that a killed run has left goes", () => {
    const host = machine({ "debconf-set-selections": "" });
    host.command("apt-get", host.brings());
    writeFileSync(host.policy, "#!/bin/sh\nexit 0\n");
    assert.equal(host.run(Role.RoadWarrior).status, 0);
    assert.equal(host.read("policy-rc.d"), "#!/bin/sh\nexit 0\n");
    writeFileSync(
        host.policy,
        "#!/bin/sh\n# pulumi-postfix: Postfix starts once it is configured\nexit 101\n",
    );
    assert.equal(host.run(Role.RoadWarrior).status, 0);
    assert.ok(!existsSync(host.policy));
});

test("an installation that fails takes the hook away too, and says why", () => {
    const host = machine({
        "apt-get": 'case "$*" in *"-y "*) echo "E: Unable to locate package postfix" >&2; exit 100 ;; esac',
        "debconf-set-selections": "",
    });
    const { status, stderr } = host.run(Role.RoadWarrior);
    assert.equal(status, 100);
    assert.match(stderr, /Unable to locate package postfix/);
    assert.ok(!existsSync(host.policy));
});

test("no other mail system goes for this one", () => {
    const host = machine({
        "apt-get": 'case "$*" in *"-s "*) echo "Remv exim4-daemon-light [4.96]"; echo "Inst postfix" ;; esac',
        "debconf-set-selections": "",
    });
    const { status, stderr, calls } = host.run(Role.SmartHost);
    assert.equal(status, 1);
    assert.equal(
        stderr,
        "Debian would remove exim4-daemon-light for Postfix: remove it yourself if it is not needed, then run this again\n",
    );
    assert.equal(calls.length, 2, "update and the plan, no more");
});

test("without root, or on a system with none of these, nothing is tried", () => {
    const user = machine({ id: "echo 1000", dnf: "" }).run(Role.RoadWarrior);
    assert.deepEqual(
        [user.status, user.stderr, user.calls],
        [1, "installing needs root: connect as root, or set sudo: true\n", []],
    );
    const other = machine({ emerge: "" }).run(Role.RoadWarrior);
    assert.deepEqual(
        [other.status, other.stderr],
        [
            1,
            "installPackage knows apt-get, dnf, yum, zypper, apk, pacman, and this system has none of them: install Postfix with its own tools, then run this again\n",
        ],
    );
});
