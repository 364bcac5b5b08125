import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
    existsSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Answer {
    status: number;
    stdout: Buffer;
    stderr: Buffer;
}

/** The postconf of one Postfix, which runs without being installed: by the loader and the libraries of its root. */
export interface Installation {
    version: string;
    command: string[];
}

/** The machine's own, and those of the lab hosts' roots: one of each version. */
export function installations(): Installation[] {
    const { XDG_CACHE_HOME, PULUMI_POSTFIX_CACHE } = process.env;
    const cache = PULUMI_POSTFIX_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pulumi-postfix");
    const roots = entries(join(cache, "roots")).map((root) => join(cache, "roots", root));
    const found = new Map<string, string[]>();
    for (const command of [["/usr/sbin/postconf"], ...roots.flatMap(commandIn)]) {
        const [program = "", ...args] = command;
        const { status, stdout } = spawnSync(program, [...args, "-dh", "mail_version"], { encoding: "utf8" });
        if (status === 0 && !found.has(stdout.trim())) found.set(stdout.trim(), command);
    }
    return [...found].map(([version, command]) => ({ version, command }));
}

function commandIn(root: string): string[][] {
    const postconf = join(root, "usr/sbin/postconf");
    if (!existsSync(postconf)) return [];
    const folders = entries(join(root, "lib")).map((folder) => join(root, "lib", folder));
    return folders.flatMap((folder) =>
        entries(folder)
            .filter((file) => /^ld-linux.*\.so\.\d$/.test(file))
            .map((loader) => [
                join(folder, loader),
                "--library-path",
                `${join(root, "usr/lib/postfix")}:${folder}`,
                postconf,
            ]),
    );
}

function entries(folder: string): string[] {
    try {
        return readdirSync(folder);
    } catch {
        return [];
    }
}

/** One postconf that is asked about file after file: a shell starts it, which costs less than Node's own start. */
export class Postconf {
    private readonly folder = mkdtempSync(join(tmpdir(), "postconf-"));
    private readonly shell: ChildProcess;
    private readonly codes: AsyncIterator<string>;
    /** How many files it has read. */
    files = 0;

    constructor({ command }: Installation) {
        const script = `cd "$1"; shift; while read -r args; do "$@" -c . $args >out 2>err </dev/null; echo $?; done`;
        this.shell = spawn("sh", ["-c", script, "sh", this.folder, ...command], {
            stdio: ["pipe", "pipe", "inherit"],
            env: { PATH: process.env.PATH },
        });
        if (!this.shell.stdout) throw new Error("the shell has no output");
        this.codes = createInterface(this.shell.stdout)[Symbol.asyncIterator]();
    }

    /** Runs postconf with these words, none of which may need quotes. */
    async ask(files: { mainCf?: Buffer; masterCf?: Buffer }, ...args: string[]): Promise<Answer> {
        this.write("main.cf", files.mainCf);
        this.write("master.cf", files.masterCf);
        this.files++;
        this.shell.stdin?.write(`${args.join(" ")}\n`);
        const { value, done } = await this.codes.next();
        if (done) throw new Error("the shell has ended");
        return { status: Number(value), stdout: this.read("out"), stderr: this.read("err") };
    }

    read(name: string): Buffer {
        return readFileSync(join(this.folder, name));
    }

    /** Postfix waits for a file that was changed a moment ago, so it is given an age. */
    private write(name: string, content: Buffer = Buffer.alloc(0)): void {
        writeFileSync(join(this.folder, name), content);
        utimesSync(join(this.folder, name), 1e9, 1e9);
    }

    close(): void {
        this.shell.stdin?.end();
        rmSync(this.folder, { recursive: true });
    }
}
