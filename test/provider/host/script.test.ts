import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sha256 } from "../../../provider/host/apply";
import { readFacts } from "../../../provider/host/facts";
import { applyScript, probeScript, quote } from "../../../provider/host/script";

const folder = mkdtempSync(join(tmpdir(), "script-"));
after(() => rmSync(folder, { recursive: true }));

const sh = (script: string): Buffer =>
    execFileSync("/bin/sh", ["-s"], {
        input: script,
        maxBuffer: 64 * 1024 * 1024,
        stdio: ["pipe", "pipe", "inherit"],
    });

function parses(script: string): void {
    const file = join(folder, "script");
    writeFileSync(file, script);
    execFileSync("/bin/sh", ["-n", file], { stdio: ["ignore", "ignore", "inherit"] });
}

/** Runs the script as a host does, but prints the job where the host would start it. */
function jobOf(script: string): string {
    assert.ok(script.endsWith("\napply_main\n"));
    return sh(script.replace(/apply_main\n$/, "job_text\n")).toString("utf8");
}

/** Runs the job's text with another end. */
function runJob(job: string, end: string): Buffer {
    const [call = ""] = /\njob_main "\$@"\n+$/.exec(job) ?? [];
    assert.notEqual(call, "");
    return sh(`${job.slice(0, -call.length)}\n${end}`);
}

const awkward = [
    "",
    "plain",
    "two  words",
    "it's",
    "'",
    "''\\''",
    '"$HOME" `id` $(id) \\ \\n %s',
    "first\nsecond\n",
    "END\nB64\nEOF",
    "* ? [a] ~ #x ; & | < > ( ) { }",
    "-n",
    "Grüße \u2028",
    "\t\v\f\r",
];

test("any value is one shell word, letter by letter", () => {
    for (const value of awkward) assert.equal(sh(`printf '%s.' ${quote(value)}`).toString(), `${value}.`);
    assert.equal(sh(`set -- ${awkward.map(quote).join(" ")}; echo $#`).toString(), `${awkward.length}\n`);
});

test("both scripts are what a POSIX shell can read, whatever stands in them", () => {
    const variables = Object.fromEntries(awkward.map((value, index) => [`v${index}`, value]));
    const payload = Object.fromEntries(awkward.map((value, index) => [`file-${index}`, value]));
    parses(probeScript({ variables }));
    const script = applyScript({ variables: { ...variables, job: "0" }, payload });
    parses(script);
    parses(jobOf(script));
    parses(applyScript({ variables: {} }));
});

test("of a table the probe tells what postmap ends with, or else its last warning of it, or nothing", () => {
    const script = probeScript({
        variables: { asked_tables: "hash:/x", asked_files: "", asked_daemons: "" },
    });
    const tellsOf = (...lines: string[]) => {
        const postmap = `postmap() { printf '%s\\n' ${lines.map(quote).join(" ")} >&2; }`;
        const told = sh(script.replace(/probe_main\n$/, `${postmap}\nprobe_named\n`)).toString();
        return readFacts(told.split("\n")).named.badTables;
    };
    const stale = "database /x.db is older than source file /x";
    assert.deepEqual(tellsOf(`postmap: warning: ${stale}`), { "hash:/x": `warning: ${stale}` });
    for (const end of ["fatal: open /x.db", "error: open /x.db", "warning: hash:/x is unavailable. x"])
        assert.deepEqual(tellsOf(`postmap: ${end}`, `postmap: warning: ${stale}`), { "hash:/x": end });
    assert.deepEqual(tellsOf("postmap: warning: of something else"), {});
});

test("the job gets every variable as it was", () => {
    const variables = Object.fromEntries(awkward.map((value, index) => [`v${index}`, value]));
    const job = jobOf(applyScript({ variables: { ...variables, job: "j" } }));
    const names = Object.keys(variables).map((name) => `"$${name}"`);
    assert.equal(
        runJob(job, `printf '%s\\0' "$job" ${names.join(" ")}\n`).toString(),
        ["j", ...awkward].map((value) => `${value}\0`).join(""),
    );
});

test("nothing of a job stands in the part that only starts it: no key in a shell that waits", () => {
    const script = applyScript({ variables: { job: "j", owner: "the-owner" }, payload: { "main.cf": "x" } });
    const [, end] = /job_text\(\) \{ cat <<'(END_[0-9a-f]{24})'\n/.exec(script) ?? [];
    assert.ok(end);
    assert.equal(script.split(`\n${end}\n`).length, 2, "the mark ends the job and stands nowhere else");
    assert.ok(!script.slice(0, script.indexOf("job_text()")).includes("the-owner"));
    const [, other] = /<<'(END_[0-9a-f]{24})'/.exec(applyScript({ variables: {} })) ?? [];
    assert.notEqual(other, end);
});

test("payload() gives back every file byte for byte, and fails for a name that is none", () => {
    const files: Record<string, string> = {
        "main.cf": Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join(""),
        "master.cf": "B64\n'B64'\n;;\nesac\n}\n$(id)\n",
        "long.pem": `${"x".repeat(76 * 3)}\n`.repeat(200),
        "no-newline": "last line",
        empty: "",
        crlf: "a\r\nb\r\n",
        "it's": "quoted",
        unicode: "Grüße 💌 \u2028\ufeff",
    };
    const job = jobOf(applyScript({ variables: { job: "j" }, payload: files }));
    for (const [name, content] of Object.entries(files)) {
        const printed = runJob(job, `payload ${quote(name)}\n`);
        assert.ok(printed.equals(Buffer.from(content, "utf8")), name);
    }
    assert.equal(runJob(job, 'payload nothing || echo "none: $?"\n').toString(), "none: 1\n");
    assert.equal(runJob(job, 'payload "*" || echo "none: $?"\n').toString(), "none: 1\n");
});

test("a file that is no UTF-8 goes to the host as it came from there, and has the digest that it has there", () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, code) => code));
    const cases = [
        every,
        Buffer.from("# f\xfcr M\xfcller\nrelayhost = a\n", "latin1"),
        Buffer.concat([
            Buffer.from("# Grüße\n"),
            Buffer.from([0xff, 0xfe, 0x0a]),
            Buffer.from("# Grüße \u{1f48c}\n"),
        ]),
        Buffer.from([0xed, 0xb3, 0xbc, 0x0a]),
        Buffer.from([0xef, 0xbb, 0xbf, 0x61]),
        Buffer.from([0xc3]),
        Buffer.from([0xf0, 0x9f, 0x92]),
        Buffer.from([0xf0, 0x9f, 0x92, 0x0a, 0x8c]),
    ];
    for (const bytes of cases) {
        const { mainCf } = readFacts([`main.cf:${bytes.toString("base64")}`]);
        const job = jobOf(applyScript({ variables: {}, payload: { "main.cf": mainCf } }));
        assert.ok(runJob(job, "payload main.cf\n").equals(bytes), bytes.toString("hex"));
        const file = join(folder, "bytes");
        writeFileSync(file, bytes);
        const [digest] = execFileSync("sha256sum", [file]).toString().split(" ");
        assert.equal(sha256(mainCf), digest);
    }
    const [, , mixed] = cases;
    const text = readFacts([`main.cf:${mixed?.toString("base64")}`]).mainCf;
    assert.ok(
        text.startsWith("# Grüße\n") && text.endsWith("# Grüße \u{1f48c}\n"),
        "what is UTF-8 is read as such",
    );
});
