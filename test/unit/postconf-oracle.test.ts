import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { originalView, rewrite } from "../../postfix/fragment";
import { physicalLines, readLogicalLines } from "../../postfix/logical-lines";
import { effectiveValue, parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf, renderService } from "../../postfix/master-cf";
import { Generator, mainCfText } from "./generate";

// What Postfix itself reads out of a file is the only thing that counts. Its postconf runs without being installed.
const folder = mkdtempSync(join(tmpdir(), "postconf-"));
after(() => rmSync(folder, { recursive: true }));

interface Postconf {
    path: string;
    libraries: string;
}

function run({ path, libraries }: Postconf, args: string[]) {
    const env = { PATH: process.env.PATH, LD_LIBRARY_PATH: libraries };
    return spawnSync(path, ["-c", folder, ...args], { env, encoding: "utf8", timeout: 20_000 });
}

/** The machine's own, or that of a lab host's root whose libraries this machine can load. */
function findPostconf(): Postconf | undefined {
    const { XDG_CACHE_HOME, PULUMI_POSTFIX_CACHE } = process.env;
    const cache = PULUMI_POSTFIX_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pulumi-postfix");
    const roots = existsSync(join(cache, "roots")) ? readdirSync(join(cache, "roots")) : [];
    const all = ["/", ...roots.map((root) => join(cache, "roots", root))].map((root) => ({
        path: join(root, "usr/sbin/postconf"),
        libraries: join(root, "usr/lib/postfix"),
    }));
    write("main.cf", "");
    write("master.cf", "");
    return all.find(
        (postconf) => existsSync(postconf.path) && run(postconf, ["-dh", "mail_version"]).status === 0,
    );
}

/** Postfix waits for a file that was changed a moment ago, so it is given an age. */
function write(name: string, text: string): void {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), 1e9, 1e9);
}

const postconf = findPostconf();
const skip = postconf ? false : "no postconf on this machine and no lab host's root in the cache";
const names = ["relayhost", "mynetworks", "smtp_tls_security_level", "transport_maps", "mydestination"];

/** Inner whitespace is the same to us; postconf prints a control character as a question mark. */
const plain = (value: string): string => value.replace(/[ \t\r\v\f?]+/g, " ").trim();

function agrees(text: string): void {
    if (!postconf) return;
    write("main.cf", text);
    const { stdout, stderr } = run(postconf, ["-h", ...names]);
    assert.doesNotMatch(stderr, /fatal/, text);
    const values = stdout.split("\n");
    for (const [index, name] of names.entries()) {
        const value = effectiveValue(text, name);
        if (value !== undefined)
            assert.equal(plain(values[index] ?? ""), plain(value), JSON.stringify({ name, text }));
    }
}

test("Postfix reads the same values out of generated files, before, with and after our blocks", {
    skip,
}, () => {
    for (let seed = 1; seed <= 60; seed++) {
        const generator = new Generator(seed);
        const text = mainCfText(generator);
        agrees(text);
        const hides = () => generator.chance(2);
        const body = ["relayhost = [ours]:587", "mynetworks = 127.0.0.0/8"];
        const added = rewrite(text, "hub-3f9a1c2b", { instance: "0123456789abcdef", body, hides });
        assert.equal(originalView(added), text);
        agrees(added);
        assert.equal(effectiveValue(added, "relayhost"), "[ours]:587");
    }
});

test("what we call broken is fatal to Postfix, in the line we name", { skip }, () => {
    for (const text of [
        "relayhost\n",
        "\n# x\n= x\n",
        "a = b\nx y = z\n  c\n",
        "a = b\n\n\trelayhost\nmynetworks",
    ]) {
        write("main.cf", text);
        const [broken] = parseMainCf(text).broken;
        const { stderr } = postconf ? run(postconf, ["-n"]) : { stderr: "" };
        assert.equal(Number(/fatal: .*main\.cf, line (\d+)/.exec(stderr)?.[1]), broken?.line, text + stderr);
    }
});

test("a rendered service has the options that it was given", { skip }, () => {
    const options = {
        smtpd_tls_security_level: "encrypt",
        smtpd_client_restrictions: "",
        smtpd_relay_restrictions: "permit_tls_clientcerts, defer",
        syslog_name: "postfix/{laptops}",
        smtpd_banner: "{ a } b",
    };
    const text = `${renderService("587/inet", { command: "smtpd", options }).join("\n")}\n`;
    write("main.cf", "");
    write("master.cf", text);
    const { stdout, stderr } = postconf ? run(postconf, ["-P"]) : { stdout: "", stderr: "" };
    assert.equal(stderr, "");
    const read = stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(/ *= */, 2).join("="));
    const wanted = Object.entries(options).map(([name, value]) => `587/inet/${name}=${value}`);
    assert.deepEqual(read.sort(), wanted.sort());
    assert.equal(readLogicalLines(physicalLines(text)).length, 1);
    assert.equal(parseMasterCf(text).services.length, 1);
});
