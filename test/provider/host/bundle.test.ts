import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bundleFunction, idOf, makeBundle } from "../../../provider/host/bundle/index";
import { rangesOf } from "../../../provider/host/bundle/ranges";
import { decidesRelaying } from "../../../provider/host/bundle/unjudged";
import type { HostInputs } from "../../../provider/host/inputs";
import { type PropertyMap, Secret } from "../../../provider/values";
import { grant, ids, laptop } from "./fixtures";

const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-bundle-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const files = [join(folder, "key"), join(folder, "crt")] as const;
const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=alice"];
execFileSync("openssl", ["req", "-x509", ...ec, "-keyout", files[0], "-out", files[1]], { stdio: "ignore" });
const [privateKey, certificate] = files.map((file) => readFileSync(file, "utf8"));
const identity = [{ privateKey: privateKey ?? "", certificate: certificate ?? "" }];
const urn = "urn:pulumi:dev::mail::postfix:index:RoadWarrior::alice";

const wanted = (...args: Parameters<typeof laptop>): HostInputs => laptop(args[0], { identity, ...args[1] });

function scriptOf(inputs: HostInputs): string {
    const made = makeBundle(urn, inputs);
    assert.ok("script" in made, JSON.stringify(made));
    return made.script;
}

function refusalsOf(inputs: HostInputs): string[] {
    const made = makeBundle(urn, inputs);
    assert.ok("failures" in made, "it is made");
    return made.failures.map(({ path, reason }) => `${path}: ${reason}`);
}

test("the answer is one secret, the same each time; the owner is of the URN and nothing else", async () => {
    const { connection, ...inputs } = wanted();
    const args = { urn, ...inputs } as unknown as PropertyMap;
    const first = await bundleFunction(args);
    assert.deepEqual(first.failures, []);
    assert.ok(connection && first.outputs.script instanceof Secret);
    assert.deepEqual(await bundleFunction(args), first);
    const other = { ...inputs, main: { ...inputs.main, biff: "yes" } } as unknown as PropertyMap;
    const second = await bundleFunction({ urn, ...other });
    const owner = (result: typeof first) =>
        /^bundle_owner='(.*)'$/m.exec(String((result.outputs.script as Secret).value))?.[1];
    assert.match(owner(first) ?? "", /^alice-[0-9a-f]{8}$/);
    assert.equal(owner(first), owner(second));
    assert.notEqual(idOf(urn, "alice").owner, idOf(urn.replace(":dev::", ":prod::"), "alice").owner);
});

test("inputs are checked as those of a Host, and a hub has no bundle", async () => {
    const { connection, ...inputs } = wanted();
    assert.ok(connection);
    const bad = { urn, ...inputs, main: { biff: "no\nx" }, owner: "A" } as unknown as PropertyMap;
    const paths = (await bundleFunction(bad)).failures.map(({ path }) => path);
    assert.ok(paths.includes("owner") && paths.includes("main.biff"), paths.join());
    const grants = { urn, ...grant(["bob"]) } as unknown as PropertyMap;
    const { outputs, failures } = await bundleFunction(grants);
    assert.deepEqual(outputs, {});
    assert.ok(failures.some(({ path }) => path === "role"));
});

test("every shell can read it, and it says of itself what it holds and how it is used", () => {
    const script = scriptOf(wanted({ settings: { x_quote: 'it\'s $HOME `id` \\ "x"' } }));
    assert.match(script, /^#!\/bin\/sh\n# THIS FILE HOLDS A PRIVATE KEY: that of the laptop "alice"\./);
    const file = join(folder, "bundle.sh");
    writeFileSync(file, script, { mode: 0o700 });
    for (const shell of ["dash", "bash", "busybox sh"]) {
        const [command = "", ...words] = shell.split(" ");
        if (spawnSync(command, ["-c", "true"]).error) continue;
        assert.deepEqual(execFileSync(command, [...words, "-n", file], { encoding: "utf8" }), "");
        const help = execFileSync(command, [...words, file, "--help"], { encoding: "utf8" });
        for (const code of [0, 1, 2, 3, 4, 5, 6, 64])
            assert.match(help, new RegExp(`^  ${code} +\\S`, "m"), shell);
        assert.equal(spawnSync(command, [...words, file, "--wrong"]).status, 64);
    }
});

test("a file that others may read is not run", () => {
    const file = join(folder, "open.sh");
    writeFileSync(file, scriptOf(wanted()));
    for (const mode of [0o644, 0o740, 0o604]) {
        chmodSync(file, mode);
        const { status, stderr } = spawnSync("sh", [file], { encoding: "utf8" });
        assert.equal(status, 1);
        assert.match(stderr, /others may read it: run chmod 700/);
    }
});

test("the key stands in it in one place, in the here-document of its file", () => {
    const script = scriptOf(wanted());
    const line = (privateKey ?? "").split("\n")[1] ?? "";
    assert.ok(line.length > 40 && !script.includes(line), "not in clear");
    const body = script.replace(/\s/g, "");
    const encoded = Buffer.from(`${(privateKey ?? "").trim()}\n`)
        .toString("base64")
        .slice(0, 200);
    assert.equal(body.split(encoded).length, 2);
});

test("each version has its range: what is written differs, and what one lacks is refused there alone", () => {
    const ranges = rangesOf(wanted(), ids.alice);
    assert.deepEqual(
        ranges.map(({ from }) => from),
        ["3.5.0", "3.6.0", "3.10.0"],
    );
    const floor = (index: number) =>
        ranges[index]?.main.find((line) => line.startsWith("smtp_tls_mandatory_protocols"));
    assert.deepEqual(
        [floor(0), floor(1)],
        [
            "smtp_tls_mandatory_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1",
            "smtp_tls_mandatory_protocols = >=TLSv1.2",
        ],
    );
    assert.equal(ranges[0]?.main.includes("tls_required_enable = no"), false);
    assert.equal(ranges[2]?.main.includes("tls_required_enable = no"), true);
});

test("what no look from afar can judge is refused, and what no version takes", () => {
    assert.match(
        refusalsOf(wanted({ settings: { relay_clientcerts: "hash:/etc/x" } })).join(),
        /is a list that joins/,
    );
    assert.match(
        refusalsOf(wanted({ settings: { smtpd_sasl_auth_enable: "yes" } })).join(),
        /smtpd_sasl_auth_enable/,
    );
    assert.match(
        refusalsOf(wanted({ settings: { x: "/CONFIGURATION-OF-AN-UNSEEN-HOST/x" } })).join(),
        /knows the folder of its keys/,
    );
    const services = { "2525/inet": { command: "smtpd", options: { smtpd_relay_restrictions: "permit" } } };
    const open = wanted({ services }, { mail: { inetInterfaces: "all" } });
    assert.match(refusalsOf(open).join(), /would not start/);
});

test("only what may let strangers in makes an admin's own restrictions unjudged", () => {
    assert.equal(decidesRelaying(wanted()), false);
    assert.equal(decidesRelaying(wanted({}, { mail: { inetInterfaces: "all" } })), true);
    assert.equal(decidesRelaying(wanted({ settings: { smtpd_recipient_restrictions: "permit" } })), true);
    assert.equal(
        decidesRelaying(wanted({ services: { "2525/inet": { command: "smtpd", options: {} } } })),
        true,
    );
});
