import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../../../provider/host/apply";
import { observe } from "../../../provider/host/drift";
import type { HostFacts } from "../../../provider/host/facts";
import type { FragmentId } from "../../../provider/host/identity";
import type { HostInputs } from "../../../provider/host/inputs";
import { grant, hub, ids, laptop, plain } from "./fixtures";
import {
    append,
    applied,
    drift,
    type Edit,
    edit,
    editFile,
    editMaster,
    generation,
    settingsOf,
} from "./refresh";

const laptops = grant(["alice", "bob"]);
const alice = { inputs: laptop(), id: ids.alice };
const owners: { title: string; inputs: HostInputs; id: FragmentId; beside?: [HostInputs, FragmentId][] }[] = [
    { title: "a laptop", ...alice },
    { title: "a dedicated hub", inputs: hub(), id: ids.hub },
    { title: "a guest hub", inputs: hub({}, { mode: "guest" }), id: ids.hub },
    {
        title: "a hub on the shared port",
        inputs: hub({ takeOver: ["*"] }, { port: 25 }),
        id: ids.hub,
        beside: [[laptops, ids.laptops]],
    },
    { title: "a grant beside its hub", inputs: laptops, id: ids.laptops, beside: [[hub(), ids.hub]] },
    {
        title: "two who set the same",
        inputs: plain({ main: { smtp_tls_loglevel: "1" } }),
        id: ids.plain,
        beside: [[hub(), ids.hub]],
    },
];

for (const { title, inputs, id, beside = [] } of owners) {
    for (const version of ["3.5.25", "3.7.11", "3.10.13", "3.11.7"]) {
        test(`${title} on Postfix ${version} comes back as it was written`, () => {
            const facts = applied([...beside, [inputs, id]], { version });
            const seen = observe(inputs, facts, id.owner, generation);
            assert.deepEqual(seen, settingsOf(inputs));
        });
    }
}

test("a fragment that is gone is gone, though another owner's is there", () => {
    const facts = applied([[hub(), ids.hub]]);
    assert.equal(observe(laptop(), facts, ids.alice.owner, generation), undefined);
});

test("values with whitespace around them, and a command with arguments, come back as they were written", () => {
    const inputs = plain({
        main: { x: " 1  2 " },
        services: { "2525/inet": { command: "smtpd -v", options: { y: " a b ", z: "c " } } },
    });
    const facts = applied([[inputs, ids.plain]]);
    assert.deepEqual(observe(inputs, facts, ids.plain.owner, generation), settingsOf(inputs));
    assert.deepEqual(drift(inputs, editMaster(facts, "smtpd -v", "smtpd -v -v"), ids.plain), {
        'services["2525/inet"].command': "update",
    });
});

test("a program's own arguments stand behind the options, and come back as they were written", () => {
    const filter = {
        command: "pipe flags=Rq  user=filter argv=/usr/bin/filter -o x=1 { a b }",
        options: { syslog_name: "postfix/filter" },
    };
    const inputs = plain({ services: { "filter/unix": filter } });
    const facts = applied([[inputs, ids.plain]]);
    assert.match(
        facts.masterCf,
        /^filter unix - - n - - pipe\n {4}-o syslog_name=postfix\/filter\n {4}flags=Rq {2}user=filter argv=\/usr\/bin\/filter -o x=1 \{ a b \}$/m,
    );
    assert.deepEqual(observe(inputs, facts, ids.plain.owner, generation), settingsOf(inputs));
    assert.deepEqual(drift(inputs, editMaster(facts, "user=filter", "user=root"), ids.plain), {
        'services["filter/unix"].command': "update",
    });
});

test("a service on another address of the same port is none of ours", () => {
    const own = { command: "smtpd", options: { biff: "no" } };
    const inputs = plain({ services: { "127.0.0.1:10025/inet": own } });
    const facts = applied([[inputs, ids.plain]]);
    const beside = { ...facts, masterCf: `${facts.masterCf}192.0.2.1:10025 inet n - n - - smtpd\n` };
    assert.deepEqual(drift(inputs, beside, ids.plain), {});
});

const laptopEdits: Edit[] = [
    [
        "a value edited within the block",
        (f) => edit(f, /^relayhost = .*$/m, "relayhost = [evil.example]"),
        { "main.relayhost": "update" },
    ],
    [
        "a line removed from the block",
        (f) => edit(f, /^smtp_tls_security_level = .*\n/m, ""),
        { "main.smtp_tls_security_level": "delete" },
    ],
    ["a line added to the block", (f) => edit(f, /^# END/m, "x = 1\n# END"), { "main.x": "add" }],
    [
        "a line behind the block",
        (f) => append(f, "smtp_tls_security_level = may"),
        { "main.smtp_tls_security_level": "update" },
    ],
    [
        "a line behind the block that says the same",
        (f) => append(f, "smtp_tls_security_level = fingerprint"),
        {},
    ],
    ["a line behind the block that is none of ours", (f) => append(f, "soft_bounce = yes"), {}],
    ["a way around the pin", (f) => append(f, "transport_maps = hash:/x"), { "main.transport_maps": "add" }],
    ["a harmless exit", (f) => append(f, "mailbox_transport = lmtp:unix:x"), {}],
    [
        "a service around the pin",
        (f) => editMaster(f, /^(smtp +unix.*)$/m, "$1 -o smtp_tls_security_level=may"),
        { 'services["smtp/unix"]': "add" },
    ],
    [
        "another owner's settings",
        (f) =>
            applied(
                [
                    [plain({ main: { y: "1" } }), ids.plain],
                    [laptop(), ids.alice],
                ],
                { version: f.version },
            ),
        {},
    ],
    [
        "a key file that others may read",
        (f) => editFile(f, "identity.pem", { mode: "644" }),
        { "chains.identity[0].certificate": "update" },
    ],
    [
        "a key file of another user",
        (f) => editFile(f, "identity.pem", { owner: "eve:eve" }),
        { "chains.identity[0].certificate": "update" },
    ],
    [
        "a key file with other content",
        (f) => editFile(f, "identity.pem", { sha256: sha256("x") }),
        { "chains.identity[0].certificate": "update" },
    ],
    ["no key file", (f) => ({ ...f, generationFiles: [] }), { "chains.identity[0].certificate": "update" }],
];
for (const [title, change, expected] of laptopEdits) {
    test(`on a laptop, ${title}: seen as it is, and nothing else`, () => {
        const facts = change(applied([[alice.inputs, alice.id]]));
        const found = drift(alice.inputs, facts, alice.id);
        const top = Object.fromEntries(
            Object.entries(found).map(([path, kind]) => [
                path.replace(/^(services\["[^"]*"\])\..*$/, "$1"),
                kind,
            ]),
        );
        assert.deepEqual(top, expected);
    });
}

test("the words of a file's trouble say which file and what is wrong with it", () => {
    const facts = applied([[alice.inputs, alice.id]]);
    const words = (changed: HostFacts) =>
        observe(alice.inputs, changed, alice.id.owner, generation)?.chains.identity?.[0]?.certificate;
    assert.equal(
        words({ ...facts, generationFiles: [] }),
        "CERTIFICATE\n(identity.pem is missing on the host)",
    );
    assert.equal(
        words(editFile(facts, "identity.pem", { sha256: "" })),
        "CERTIFICATE\n(identity.pem was changed on the host)",
    );
    assert.equal(
        words(editFile(facts, "identity.pem", { mode: "640", owner: "root:mail" })),
        "CERTIFICATE\n(identity.pem has mode 640 root:mail, not 600 root:root)",
    );
});

test("after an upgrade of Postfix, what that version wants written otherwise is seen", () => {
    const facts = applied([[alice.inputs, alice.id]], { version: "3.7.11" });
    assert.deepEqual(drift(alice.inputs, { ...facts, version: "3.10.13" }, alice.id), {
        "main.tls_required_enable": "delete",
    });
});

test("what one refresh has written into the state, the next one sees again as long as it stands", () => {
    const facts = editFile(applied([[laptops, ids.laptops]]), "clients", { mode: "666" });
    const first = observe(laptops, facts, ids.laptops.owner, generation);
    assert.deepEqual(observe({ ...laptops, ...first }, facts, ids.laptops.owner, generation), first);
    const mended = editFile(facts, "clients", { mode: "600" });
    assert.deepEqual(
        observe({ ...laptops, ...first }, mended, ids.laptops.owner, generation),
        settingsOf(laptops),
    );
    const line = /^(smtp +unix.*)$/m;
    const around = editMaster(applied([[alice.inputs, alice.id]]), line, "$1 -o smtp_tls_security_level=may");
    const seen = observe(alice.inputs, around, alice.id.owner, generation);
    const { services } = alice.inputs;
    assert.deepEqual(seen?.services, {
        ...services,
        "smtp/unix": { ...services["smtp/unix"], options: { smtp_tls_security_level: "may" } },
    });
    assert.deepEqual(observe({ ...alice.inputs, ...seen }, around, alice.id.owner, generation), seen);
});
