/** A program without a language: the components are made in the provider's process (decision 001). */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { configuration, connection, eventually, labHost, mailWith, on, operatorKey, repo, send } from "./lab";
import { fails, Stack, succeeds } from "./stack";

const folder = mkdtempSync(join(tmpdir(), "pulumi-postfix-yaml-"));
const stack = new Stack("yaml", folder);
const stock = new Map<string, string>();

/** JSON is YAML. */
function program(hub: object = {}): void {
    const reach = (name: string) => ({ ...connection(name), privateKey: "${privateKey}" });
    const resources = {
        hub: {
            type: "postfix:SmartHost",
            properties: { hostname: labHost("hub").fqdn, connection: reach("hub"), ...hub },
        },
        laptop1: {
            type: "postfix:RoadWarrior",
            properties: { smartHost: "${hub.link}", connection: reach("laptop1"), onDelete: "hold" },
        },
        laptops: {
            type: "postfix:RelayAccess",
            properties: {
                connection: reach("hub"),
                laptops: ["${laptop1.identity}"],
                proofs: ["${laptop1.proof}"],
            },
            options: { dependsOn: ["${hub}"] },
        },
    };
    const project = {
        name: "postfix-stacks",
        runtime: "yaml",
        plugins: { providers: [{ name: "postfix", path: join(repo, "bin") }] },
        // Today's word is `config`; the lab's language host is of 2024.
        configuration: { privateKey: { type: "string", secret: true } },
        resources,
        outputs: { pins: "${hub.pins}", provenBy: "${laptop1.provenBy}", link: "${hub.link}" },
    };
    writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify(project));
}

before(async () => {
    // The engine keeps a package's schema beside it, and looks at the launcher's date alone.
    rmSync(join(repo, "schema-postfix.json"), { force: true });
    for (const host of ["hub", "laptop1"]) stock.set(host, configuration(host));
    program();
    await stack.config({}, { privateKey: operatorKey() });
});

after(() => {
    stack.remove();
    rmSync(folder, { recursive: true, force: true });
});

test("a preview touches no host, and knows the types of what it is given", async () => {
    const said = await succeeds(stack.preview());
    for (const name of ["hub", "laptop1", "laptops"])
        assert.match(said, new RegExp(`postfix:index:\\w+ ${name} `));
    for (const [host, files] of stock) assert.equal(configuration(host), files, host);
});

test("every problem of a component's arguments is told, with its path, and no host is touched", async () => {
    program({ hostname: "mail hub", port: 99999, settings: { smtpd_tls_loglevel: "4" } });
    const said = await fails(stack.up("--skip-preview"));
    assert.match(said, /SmartHost "hub" has 3 problems:/);
    for (const path of ["hostname", "port", "settings.smtpd_tls_loglevel"])
        assert.match(said, new RegExp(`^ +${path}: `, "m"));
    assert.ok(!said.includes("internal error"), said);
    for (const [host, files] of stock) assert.equal(configuration(host), files, host);
    program({ hostnam: "mailhub.example.com" });
    assert.match(await fails(stack.preview()), /hostnam/);
    program();
});

test("up makes hub, laptop and grant; the mail arrives over the pinned key", async () => {
    await succeeds(stack.up("--skip-preview"));
    const { provenBy, pins } = await stack.outputs();
    assert.equal(provenBy, "postfix");
    assert.match(JSON.stringify(pins), /^\["([0-9A-F]{2}:){31}[0-9A-F]{2}"/);
    send("laptop1", "by-yaml");
    assert.match(
        await eventually("the mail arrives", () => mailWith("hub", "by-yaml")),
        /using TLSv1\.3 with cipher/,
    );
    assert.match(on("laptop1", "cat /var/log/mail.log"), /Verified TLS connection established/);
});

test("nothing to do is nothing done, and the state holds no key in clear", async () => {
    await succeeds(stack.up("--skip-preview", "--expect-no-changes"));
    const { out } = await stack.exportState();
    assert.match(out, /"ciphertext"/);
    assert.ok(!out.includes("PRIVATE KEY"));
});

test("destroy gives both hosts back", async () => {
    await succeeds(stack.destroy("--skip-preview"));
    for (const [host, files] of stock) assert.equal(configuration(host), files, host);
});
