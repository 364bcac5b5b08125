import assert from "node:assert/strict";
import { test } from "node:test";
import { laptopsFileFault, parseLaptopsFile } from "../../postfix/fleet/laptops-file";
import { pathSteps, valueAt } from "../../postfix/property-path";
import { hostKey } from "./validate-helpers";

const found = (file: string, text: string) => {
    const { entries, problems } = parseLaptopsFile(file, text);
    return {
        laptops: entries.map(({ name, path, own }) => ({ name, path, own })),
        problems: problems.map(({ path, reason }) => `${path}: ${reason}`),
    };
};
const csv = (...lines: string[]) => found("berlin.csv", `${lines.join("\n")}\n`);
const yaml = (...lines: string[]) => found("berlin.yaml", `${lines.join("\n")}\n`);
const only = ({ problems }: { problems: string[] }): string => {
    assert.equal(problems.length, 1, problems.join("\n"));
    return problems[0] ?? "";
};

test("a CSV file's first line names properties; numbers and flags are such where they are wanted", () => {
    const { laptops, problems } = csv(
        'name,connection.host,connection.port,connection.hostKey,sudo,senders[0],senders[1],settings.biff,"services[""a/unix""].command"',
        `alice,192.0.2.101,2222,${hostKey},true,a@example.com,@example.com,2222,`,
        `bob,192.0.2.102,,"${hostKey}",FALSE,,b@example.com,,smtp`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(laptops, [
        {
            name: "alice",
            path: "berlin.csv:2",
            own: {
                connection: { host: "192.0.2.101", port: 2222, hostKey },
                sudo: true,
                senders: ["a@example.com", "@example.com"],
                settings: { biff: "2222" },
            },
        },
        {
            name: "bob",
            path: "berlin.csv:3",
            own: {
                connection: { host: "192.0.2.102", hostKey },
                sudo: false,
                senders: ["b@example.com"],
                services: { "a/unix": { command: "smtp" } },
            },
        },
    ]);
});

test("a value of another kind stays as it is, so that the check can name it", () => {
    const { laptops } = csv("name,sudo,connection.port,hubPort", "alice,yes,ssh,2525");
    assert.deepEqual(laptops[0]?.own, { sudo: "yes", connection: { port: "ssh" }, hubPort: 2525 });
});

test("a file without laptops is an empty fleet", () => {
    for (const empty of [csv("name,host"), csv(""), found("x.csv", "")])
        assert.deepEqual(empty, { laptops: [], problems: [] });
    for (const text of ["", "# nobody yet", "[]", "{}", "---", "null"])
        assert.deepEqual(yaml(text), { laptops: [], problems: [] }, text);
});

test("an unknown column is told once, with the nearest property", () => {
    const rows = ["alice,x", "bob,y"];
    assert.match(
        only(csv("name,onUnreachabel", ...rows)),
        /^berlin\.csv:1: column 2: onUnreachabel is unknown; is onUnreachable meant\?/,
    );
    assert.match(
        only(csv("name,connection.hostkey", ...rows)),
        /^berlin\.csv:1: column 2: .*is hostKey meant\?/,
    );
    assert.match(only(csv("name,connection.proxy.hots", ...rows)), /is host meant\?/);
    assert.match(only(csv("name,smartHost", ...rows)), /smartHost is unknown/);
    assert.match(only(csv("name,connection", ...rows)), /connection is no single value/);
    assert.match(
        only(csv("name,host key", ...rows)),
        /given "host key" \(a string\), allowed: a property such as name/,
    );
    assert.match(only(csv("name,settings.constructor", ...rows)), /is no name to use here/);
    assert.match(only(csv("name,name", ...rows)), /name has a column already/);
    assert.match(
        only(csv("name,senders[0],senders", "alice,x,y")),
        /does not go with the column senders\[0\]/,
    );
});

test("a CSV file in another shape is refused by line", () => {
    assert.match(
        only(csv("name;host", "alice;x")),
        /^berlin\.csv:1: .*separated by semicolons, allowed: commas/,
    );
    assert.match(only(csv("name\thost", "alice\tx")), /separated by tabs/);
    assert.match(only(csv("host", "x")), /^berlin\.csv:1: has no column name/);
    const laptop = `alice,192.0.2.101,${hostKey}`;
    const headless = only(csv(laptop, laptop));
    assert.match(headless, /^berlin\.csv:1: has no column name; the first line names the properties/);
    assert.ok(!headless.includes("192.0.2.101"));
    assert.match(only(csv("name,host", "alice,x,y", "bob,z")), /^berlin\.csv:2: given 3 fields, allowed: 2/);
    assert.match(only(csv("name,host", ",x")), /^berlin\.csv:2: name: missing/);
    assert.match(only(csv("name,host", 'alice,"x')), /^berlin\.csv:2: opens a quote that is never closed/);
});

test("a YAML file holds a list with names or a map by name, and each laptop knows its line", () => {
    const own = { connection: { host: "192.0.2.101", port: 22 }, sudo: true };
    const laptop = ["connection: { host: 192.0.2.101, port: 22 }", "sudo: true"];
    const list = yaml("# Berlin", "- name: alice", ...laptop.map((line) => `  ${line}`), "- name: bob");
    assert.deepEqual(list, {
        laptops: [
            { name: "alice", path: "berlin.yaml:2", own },
            { name: "bob", path: "berlin.yaml:5", own: {} },
        ],
        problems: [],
    });
    const map = yaml("alice:", ...laptop.map((line) => `    ${line}`), "bob:");
    assert.deepEqual(map.laptops, [
        { name: "alice", path: "berlin.yaml:1", own },
        { name: "bob", path: "berlin.yaml:4", own: {} },
    ]);
});

test("what is no YAML, or no laptops, is refused by line", () => {
    assert.match(
        only(yaml("alice: {}", "alice: {}")),
        /^berlin\.yaml:2: is no YAML: Map keys must be unique/,
    );
    assert.match(yaml("a: [").problems[0] ?? "", /^berlin\.yaml:\d: is no YAML/);
    assert.match(only(yaml("- name: alice", "- sudo: true")), /^berlin\.yaml:2: name: missing/);
    assert.match(
        only(yaml("- alice")),
        /^berlin\.yaml:1: given "alice" \(a string\), allowed: \{ connection/,
    );
    assert.match(only(yaml("alice: 192.0.2.1")), /^berlin\.yaml:1: alice: given "192\.0\.2\.1"/);
    assert.match(
        only(yaml("alice")),
        /^berlin\.yaml: given "alice" \(a string\), allowed: a list of laptops/,
    );
    assert.match(only(yaml("a: !secret x")), /^berlin\.yaml:1: is no YAML: Unresolved tag/);
});

test("aliases that grow without bounds are refused, and not followed", () => {
    const row = (name: string, of: string) => `${name}: &${name} [${Array(12).fill(`*${of}`).join(",")}]`;
    const bomb = yaml("a: &a [1]", row("b", "a"), row("c", "b"), row("d", "c"), row("e", "d"));
    assert.match(bomb.problems.join("\n"), /alias/i);
});

test("the end of the name says what a file is", () => {
    for (const good of ["a.csv", "x/b.YAML", "c.yml"]) assert.equal(laptopsFileFault(good), undefined);
    assert.match(
        laptopsFileFault("laptops.xlsx") ?? "",
        /^given "laptops\.xlsx", allowed: .*\.csv, \.yaml or \.yml/,
    );
    assert.match(laptopsFileFault(5) ?? "", /^given number/);
});

test("property paths are taken apart as they are put together", () => {
    assert.deepEqual(pathSteps('services["587/inet"].options.x'), ["services", "587/inet", "options", "x"]);
    assert.deepEqual(pathSteps("senders[0]"), ["senders", 0]);
    for (const none of ["", "a.", ".a", "a b", "a[x]", "a..b", 'a["x]'])
        assert.equal(pathSteps(none), undefined, none);
    assert.equal(valueAt({ a: [{ "b/c": 1 }] }, 'a[0]["b/c"]'), 1);
    assert.equal(valueAt({ a: {} }, "a.constructor"), undefined);
});
