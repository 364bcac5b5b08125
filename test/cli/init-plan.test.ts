import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { type Found, plan } from "../../cli/init/plan";
import { withProvider } from "../../cli/init/pulumi-yaml";
import { parseMachine } from "../../cli/machine-word";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
const empty: Found = {
    folder: "our mail",
    binPath: "node_modules/pulumi-postfix/bin",
    hasProgram: false,
    hasSdk: true,
    hostKeyOf: ({ host }) => (host === "192.0.2.25" ? hostKey : undefined),
};
const wanted = {
    stack: "dev",
    hub: parseMachine("--hub", "mailhub.example.com=root@192.0.2.25"),
    laptops: [parseMachine("--laptop", "alice=admin@192.0.2.101:2222")],
};

test("an empty folder becomes a project with the provider, a program and the config of a stack", () => {
    const { writes, notes, incomplete } = plan(empty, wanted);
    assert.equal(incomplete, false);
    assert.deepEqual(
        writes.map(({ file }) => file),
        ["Pulumi.yaml", "index.js", "Pulumi.dev.yaml"],
    );
    const [project, , stack] = writes.map(({ file, text }) => (file.endsWith(".yaml") ? parse(text) : text));
    assert.equal(project.name, "our-mail");
    assert.deepEqual(project.plugins.providers, [{ name: "postfix", path: empty.binPath }]);
    assert.deepEqual(stack.config["our-mail:smartHost"], {
        hostname: "mailhub.example.com",
        connection: { host: "192.0.2.25", user: "root", hostKey },
    });
    assert.deepEqual(stack.config["our-mail:laptops"], {
        alice: { connection: { host: "192.0.2.101", port: 2222, user: "admin", hostKey: "" }, sudo: true },
    });
    assert.match(
        notes.join("\n"),
        /192\.0\.2\.101 is in no known_hosts: log in once \(ssh -p 2222 admin@192\.0\.2\.101\)/,
    );
    assert.doesNotMatch(notes.join("\n"), /192\.0\.2\.25 is in no/);
});

test("a Pulumi.yaml of the user's gets the provider and keeps every other line", () => {
    const text = "# ours\nname: infra   # the whole company\nruntime: nodejs\n";
    const { writes } = plan({ ...empty, pulumiYaml: text, hasProgram: true }, wanted);
    assert.deepEqual(
        writes.map(({ file }) => file),
        ["Pulumi.yaml"],
    );
    assert.ok(writes[0]?.text.startsWith(text));
    assert.deepEqual(parse(writes[0]?.text ?? "").plugins.providers, [
        { name: "postfix", path: empty.binPath },
    ]);
});

test("beside other plugins it is one more, comments stay, and a second time nothing changes", () => {
    const text =
        "name: infra\nruntime:\n  name: yaml # not Node\nplugins:\n  providers:\n    # ours\n    - name: other\n      path: x\n";
    const { text: once = "", runtime } = withProvider(text, "bin");
    assert.equal(runtime, "yaml");
    assert.deepEqual(parse(once).plugins.providers, [
        { name: "other", path: "x" },
        { name: "postfix", path: "bin" },
    ]);
    for (const comment of ["# not Node", "# ours"]) assert.ok(once.includes(comment), once);
    assert.equal(withProvider(once, "bin").text, undefined);
});

test("what cannot be done is said, with the lines to write by hand, and nothing is replaced", () => {
    const elsewhere =
        "name: a\nruntime: nodejs\nplugins: { providers: [{ name: postfix, path: /opt/bin }] }\n";
    const found = plan({ ...empty, pulumiYaml: elsewhere, stackFile: "config: {}\n" }, wanted);
    assert.deepEqual(found.writes, []);
    assert.equal(found.incomplete, true);
    assert.match(found.notes.join("\n"), /has postfix already, with path \/opt\/bin.*\n.*- name: postfix/s);
    for (const [text, fault] of [
        ["a: [", /is no YAML/],
        ["- a\n", /no map/],
        ["plugins: { providers: {} }\n", /is no list/],
    ] as const)
        assert.match(withProvider(text, "bin").fault ?? "", fault);
    const kept = plan({ ...empty, stackFile: "config: {}\n" }, wanted);
    assert.ok(!kept.writes.some(({ file }) => file === "Pulumi.dev.yaml"));
});

test("a program that is there stays the program, and is told how to use the package in its own language", () => {
    const { writes, notes } = plan({ ...empty, hasProgram: true }, wanted);
    assert.deepEqual(
        writes.map(({ file }) => file),
        ["Pulumi.yaml"],
    );
    assert.equal(parse(writes[0]?.text ?? "").runtime, "nodejs");
    assert.match(notes.join("\n"), /import \* as postfix.*\n.*--hub, --laptop and --stack are for/);
    const yaml = plan({ ...empty, pulumiYaml: "name: a\nruntime: yaml\n" }, wanted);
    assert.match(yaml.notes.join("\n"), /postfix:SmartHost/);
});

test("whatever form Pulumi.yaml has, it is YAML with the provider afterwards", () => {
    for (const text of [
        '{"name": "a", "runtime": "nodejs"}',
        "name: a\nruntime: nodejs\nplugins:\n",
        "name: a\nruntime: nodejs",
    ]) {
        const { text: written = "", fault } = withProvider(text, "bin");
        assert.equal(fault, undefined);
        assert.deepEqual(parse(written).plugins.providers, [{ name: "postfix", path: "bin" }], text);
        assert.equal(parse(written).name, "a");
    }
});

test("without the SDK beside the package that is the first thing to do", () => {
    assert.match(plan({ ...empty, hasSdk: false }, wanted).notes[0] ?? "", /npm install @pulumi\/pulumi/);
});

test("machines on the command line", () => {
    assert.deepEqual(parseMachine("--hub", "h.example.com=[2001:db8::25]:22"), {
        name: "h.example.com",
        user: "root",
        host: "2001:db8::25",
        port: 22,
    });
    for (const word of ["", "alice", "=x", "alice=", "alice=a@b:99999", "alice=a:b"])
        assert.throws(() => parseMachine("--laptop", word), /--laptop: given .*allowed: /, word);
});
