import assert from "node:assert/strict";
import { test } from "node:test";
import { partName } from "../../../postfix/compose";
import { sha256 } from "../../../provider/host/apply";
import { observe } from "../../../provider/host/drift";
import type { GenerationFile } from "../../../provider/host/facts";
import { factsOf, grant, hub, ids, pin } from "./fixtures";
import { append, applied, drift, type Edit, edit, editFile, editMaster, generation } from "./refresh";

const laptops = grant(["alice", "bob"]);
const service = 'services["587/inet"]';
const ownLines = (masterCf: string) => /^587 (.*\n)+(?=# END)/m.exec(masterCf)?.[0] ?? "";
const hubEdits: Edit[] = [
    [
        "an option edited",
        (f) =>
            editMaster(
                f,
                /^ {4}-o smtpd_tls_security_level=encrypt$/m,
                "    -o smtpd_tls_security_level=may",
            ),
        { [`${service}.options.smtpd_tls_security_level`]: "update" },
    ],
    [
        "an option removed",
        (f) => editMaster(f, / +-o smtpd_tls_ask_ccert=yes\n/, ""),
        { [`${service}.options.smtpd_tls_ask_ccert`]: "delete" },
    ],
    [
        "an option added",
        (f) => editMaster(f, /^# END/m, "    -o x=y\n# END"),
        { [`${service}.options.x`]: "add" },
    ],
    [
        "another daemon",
        (f) => editMaster(f, /^(587 .*) smtpd$/m, "$1 postscreen"),
        { [`${service}.command`]: "update" },
    ],
    [
        "a line for the same port behind the block",
        (f) => ({
            ...f,
            masterCf: f.masterCf + ownLines(f.masterCf).replace(/^587(.*)smtpd$/m, "submission$1postscreen"),
        }),
        { [`${service}.command`]: "update" },
    ],
    [
        "another generation's files",
        (f) => editMaster(f, `/${generation}/identity.pem`, "/ffffffffffffffff/identity.pem"),
        { [`${service}.options.smtpd_tls_chain_files`]: "update" },
    ],
    ["the service's block removed", (f) => ({ ...f, masterCf: factsOf().masterCf }), { [service]: "delete" }],
    [
        "its part of a list edited",
        (f) => edit(f, /^pulumi_hub_00000001_relay_clientcerts =$/m, "$& static:all"),
        { "lists.relay_clientcerts": "update" },
    ],
    [
        "its part of a list removed",
        (f) => edit(f, /^pulumi_hub_00000001_relay_clientcerts =\n/m, ""),
        { "lists.relay_clientcerts": "delete" },
    ],
];
for (const [title, change, expected] of hubEdits) {
    test(`on a hub, ${title}: seen as it is, and nothing else`, () => {
        const found = drift(hub(), change(applied([[hub(), ids.hub]])), ids.hub);
        const top: Record<string, string> = {};
        for (const [path, kind] of Object.entries(found))
            top[expected[service] && path.startsWith(service) ? service : path] = kind;
        assert.deepEqual(top, expected);
    });
}

test("a port that somebody has opened again is seen", () => {
    const inputs = hub({}, { hubTls: { publicPort: "none" } });
    const facts = applied([[inputs, ids.hub]]);
    assert.deepEqual(drift(inputs, facts, ids.hub), {});
    const opened = { ...facts, masterCf: `${facts.masterCf}smtp inet n - y - - smtpd\n` };
    assert.deepEqual(drift(inputs, opened, ids.hub), { "closed[0]": "delete" });
});

test("a list that nobody reads any more grants nothing: every part of it is seen as gone", () => {
    const facts = applied([
        [hub(), ids.hub],
        [laptops, ids.laptops],
    ]);
    const part = `$${partName(ids.laptops.owner, "relay_clientcerts")}`;
    const without = edit(facts, ` ${part}`, "");
    assert.deepEqual(drift(laptops, without, ids.laptops), { "lists.relay_clientcerts": "delete" });
    assert.deepEqual(drift(laptops, append(facts, "pulumi_relay_clientcerts ="), ids.laptops), {
        "lists.relay_clientcerts": "delete",
    });
});

test("on the shared port, the admin's own part of the list may change, ours may not go", () => {
    const inputs = hub({ takeOver: ["*"] }, { port: 25 });
    const facts = applied([[inputs, ids.hub]]);
    assert.deepEqual(
        drift(inputs, append(facts, "relay_clientcerts = hash:/x, $pulumi_relay_clientcerts"), ids.hub),
        {},
    );
    assert.deepEqual(drift(inputs, append(facts, "relay_clientcerts = hash:/x"), ids.hub), {
        "main.relay_clientcerts": "update",
    });
});

const tableOf = (content: string): Partial<GenerationFile> => ({ content, sha256: sha256(content) });
const tableEdits: [title: string, change: Partial<GenerationFile>, paths: Record<string, string>][] = [
    [
        "a laptop more",
        tableOf(`${pin(10)} alice\n${pin(11)} bob\n${pin(12)} eve\n`),
        { [`tables.clients.entries["${pin(12)}"]`]: "add" },
    ],
    [
        "a laptop more, at the end",
        tableOf(`${pin(10)} alice\n${pin(11)} bob\n${pin(9)} eve\n`),
        { [`tables.clients.entries["${pin(9)}"]`]: "add" },
    ],
    [
        "a laptop more, and a mode that lets others read it",
        { ...tableOf(`${pin(10)} alice\n${pin(11)} bob\n${pin(12)} eve\n`), mode: "644" },
        {
            [`tables.clients.entries["${pin(12)}"]`]: "add",
            'tables.clients.entries["(clients has mode 644 root:root, not 600 root:root)"]': "add",
        },
    ],
    ["a laptop less", tableOf(`${pin(10)} alice\n`), { [`tables.clients.entries["${pin(11)}"]`]: "delete" }],
    [
        "another name",
        tableOf(`${pin(10)} alice\n${pin(11)} eve\n`),
        { [`tables.clients.entries["${pin(11)}"]`]: "update" },
    ],
    [
        "a mode that lets others write",
        { mode: "666" },
        { 'tables.clients.entries["(clients has mode 666 root:root, not 600 root:root)"]': "add" },
    ],
    [
        "a comment",
        tableOf(`# mine\n${pin(10)} alice\n${pin(11)} bob\n`),
        { 'tables.clients.entries["(clients was changed on the host)"]': "add" },
    ],
];
for (const [title, change, expected] of tableEdits) {
    test(`in a table of laptops, ${title}: seen as it is, and nothing else`, () => {
        const facts = applied([
            [hub(), ids.hub],
            [laptops, ids.laptops],
        ]);
        const changed = editFile(facts, "clients", change);
        assert.deepEqual(drift(laptops, changed, ids.laptops), expected);
        const first = observe(laptops, changed, ids.laptops.owner, generation);
        assert.deepEqual(observe({ ...laptops, ...first }, changed, ids.laptops.owner, generation), first);
    });
}

test("a table that is missing has lost every laptop", () => {
    const facts = applied([[laptops, ids.laptops]]);
    assert.deepEqual(drift(laptops, { ...facts, generationFiles: [] }, ids.laptops), {
        [`tables.clients.entries["${pin(10)}"]`]: "delete",
        [`tables.clients.entries["${pin(11)}"]`]: "delete",
        'tables.clients.entries["(clients is missing on the host)"]': "add",
    });
});
