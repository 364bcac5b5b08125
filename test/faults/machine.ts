import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repo } from "../e2e/lab";
import type { End, EndKind } from "./duplicates";

const script = join(repo, "lab", "lab.sh");

export interface Said {
    code: number;
    out: string;
}

/** Runs a lab command without keeping anything else waiting. */
export function labCommand(...words: string[]): Promise<Said> {
    return new Promise((resolve) => {
        const child = spawn("bash", [script, ...words], { stdio: ["ignore", "pipe", "pipe"] });
        let out = "";
        child.stdout.on("data", (data) => (out += data));
        child.stderr.on("data", (data) => (out += data));
        child.on("close", (code) => resolve({ code: code ?? 137, out }));
    });
}

/** A host of the lab with a root shell that stays open: a command costs milliseconds. It dies with the host. */
export class Machine {
    private shell?: ChildProcess;
    private out = "";
    private last: Promise<unknown> = Promise.resolve();
    /** When its Postfix was killed, or the whole host. */
    readonly ends: End[] = [];

    /** Hosts that boot: whoever enters one too early gets stuck beside its root. */
    private static readonly booting = new Map<string, Promise<unknown>>();

    constructor(readonly name: string) {}

    /** One line after the other; 137 when the host dies meanwhile. */
    run(line: string, input = ""): Promise<Said> {
        const run = this.last.then(() => this.runNow(line, input));
        this.last = run.catch(() => {});
        return run;
    }

    /** What a line prints; fails when it does. */
    async get(line: string): Promise<string> {
        const { code, out } = await this.run(line);
        if (code !== 0) throw new Error(`on ${this.name}: ${line}: ${code}: ${out}`);
        return out;
    }

    private async runNow(line: string, input: string): Promise<Said> {
        await Machine.booting.get(this.name);
        this.shell ??= this.open();
        const shell = this.shell;
        const mark = `<<${Math.random().toString(36).slice(2)}>>`;
        const stdin = input === "" ? "</dev/null" : `<<'${mark}'\n${input}\n${mark}\n`;
        this.out = "";
        return new Promise((resolve) => {
            const look = () => {
                const end = this.out.indexOf(`${mark}=`);
                const code = /^=(\d+)\n/.exec(this.out.slice(end + mark.length));
                if (end < 0 || !code) return;
                finish({ code: Number(code[1]), out: this.out.slice(0, end) });
            };
            const died = () => finish({ code: 137, out: this.out });
            const finish = (said: Said) => {
                shell.stdout?.off("data", look);
                shell.off("exit", died);
                resolve(said);
            };
            shell.stdout?.on("data", look);
            shell.once("exit", died);
            const text = line.replaceAll("'", "'\\''");
            shell.stdin?.write(`bash -c '${text}' 2>&1 ${stdin}\nprintf '${mark}=%d\\n' $?\n`);
        });
    }

    private open(): ChildProcess {
        const shell = spawn("bash", [script, "exec", this.name, "bash"], {
            stdio: ["pipe", "pipe", "ignore"],
            detached: true,
        });
        shell.stdout.on("data", (data) => (this.out += data));
        shell.stdin.on("error", () => {});
        shell.once("exit", () => {
            if (this.shell === shell) this.shell = undefined;
        });
        return shell;
    }

    /** Its Postfix was killed, not before `from`. */
    ended(what: EndKind, from: number): void {
        this.ends.push({ host: this.name, what, from, to: Date.now() });
    }

    /** Off and on again; the disk is kept, as far as the kernel wrote it. */
    async powerCycle(from: number): Promise<void> {
        const off = labCommand("stop", this.name).then(() => this.ended("power cut", from));
        const on = off.then(() => labCommand("start", this.name));
        Machine.booting.set(this.name, on);
        const { code, out } = await on;
        Machine.booting.delete(this.name);
        if (code !== 0) throw new Error(out);
    }

    close(): void {
        if (this.shell?.pid) end(this.shell.pid);
        this.shell = undefined;
    }
}

/** Ends a process with what it started. */
function end(pid: number): void {
    try {
        process.kill(-pid, "SIGKILL");
    } catch {
        // It has ended.
    }
}

/** A blow on a host at the instant at which `condition`, in Perl, becomes true there. */
export class Strike {
    private readonly process: ChildProcess;
    private out = "";
    private complaint = "";
    private readonly closed: Promise<void>;
    /** How many were hit. */
    hit = 0;
    private hasFallen = false;

    /** `fallen` is told from when on, in milliseconds. */
    constructor(
        machine: Machine,
        condition: string,
        delaySeconds: number,
        blow: string,
        fallen: (from: number) => void,
    ) {
        const program = `use Time::HiRes qw(sleep stat time); $| = 1; ${helpers}
            print "ready\\n"; sleep(0.001) until ${condition};
            sleep(${delaySeconds.toFixed(4)}); $from = time; ${blow} struck(); sleep(0.2)`;
        this.process = spawn("bash", [script, "exec", machine.name, "perl", "-e", program], {
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
        });
        this.process.stderr?.on("data", (data) => (this.complaint += data));
        this.process.stdout?.on("data", (data) => {
            this.out += data;
            const struck = /struck (\d+) ([\d.]+)\n/.exec(this.out);
            if (!struck || this.hasFallen) return;
            this.hasFallen = true;
            this.hit = Number(struck[1]);
            fallen(Number(struck[2]) * 1000);
        });
        this.closed = new Promise((resolve) => this.process.once("close", () => resolve()));
    }

    async ready(): Promise<void> {
        while (!this.out.includes("ready")) {
            if (this.process.exitCode !== null) throw new Error(this.complaint);
            await sleep(5);
        }
    }

    /** What has not come is not waited for. */
    async over(): Promise<void> {
        if (this.process.pid) end(this.process.pid);
        await this.closed;
    }
}

/** What conditions and blows are made of. */
const helpers = `
    my ($hit, $from, $etc, $jobs) = (0, time, "/etc/postfix", "/run/pulumi-postfix");
    my ($main, $master) = map { (stat "$etc/$_.cf")[1] } qw(main master);
    my %folders = map { $_ => 1 } glob("$etc/pulumi/*/* $etc/pulumi/*");
    sub job { scalar(my @j = glob("$jobs/*/pid")) }
    sub slurp { open(my $f, "<", $_[0]) or return ""; local $/; my $t = <$f>; defined $t ? $t : "" }
    sub said { for (glob "$jobs/*/out") { return 1 if slurp($_) =~ m,$_[0],m } 0 }
    sub fresh { for (glob $_[0]) { return 1 unless $folders{$_} } 0 }
    sub stopped { my $p = slurp("/var/spool/postfix/pid/master.pid"); $p =~ s/\\s//g; !$p || slurp("/proc/$p/comm") ne "master\\n" }
    sub find { my @f; for (glob "/proc/[0-9]*") { my $p = substr($_, 6); next if $p == $$; push @f, $p if slurp("$_/cmdline") =~ m,$_[0], } @f }
    sub struck { printf "struck %d %.3f\\n", $hit, $from }
    sub slay { my @f = find(@_); $hit = kill 9, @f if @f; }
`;
