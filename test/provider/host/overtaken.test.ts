import assert from "node:assert/strict";
import { test } from "node:test";
import { generationInUse } from "../../../provider/host/generation";
import type { HostInputs } from "../../../provider/host/inputs";
import { overtaken } from "../../../provider/host/overtaken";
import { factsOf, ids, pin, plain } from "./fixtures";
import { applied, generation } from "./refresh";

const [older, other] = ["00000000000000aa", "00000000000000bb"];
const settings = (main: Record<string, string>): HostInputs => plain({ main });
const id = ids.plain;
const pins = { [`${id.owner}/${generation}`]: [], [`${id.owner}/${older}`]: [] };

/** A host that somebody's program has brought to these settings, with a table so that the folder is named. */
function host(main: Record<string, string>) {
    const inputs = withTable(settings(main));
    return { ...applied([[inputs, id]]), pins };
}
const withTable = (inputs: HostInputs): HostInputs => ({
    ...inputs,
    main: { ...inputs.main, virtual_alias_maps: "@{aliases}" },
    tables: { aliases: { entries: { a: "b" } } },
});

const paths = (proved: Record<string, string>, wanted: Record<string, string>, state = older) => {
    const facts = host({ biff: "theirs", mail_name: "X" });
    const existing = { id, generation: state, proved: { ...withTable(settings(proved)) } };
    return overtaken(withTable(settings(wanted)), facts, existing).map(({ path }) => path);
};

test("what another state's run has changed meanwhile is named, and nothing else", () => {
    assert.deepEqual(paths({ biff: "mine", mail_name: "X" }, { biff: "mine", mail_name: "X" }), [
        "main.biff",
    ]);
    assert.deepEqual(paths({ mail_name: "X" }, { mail_name: "Y" }), ["main.biff"]);
});

test("what stands there is what is wanted, as after a run of our own that was broken off", () => {
    assert.deepEqual(paths({ biff: "mine" }, { biff: "theirs", mail_name: "X" }), []);
});

test("what stands there is what was proved: changing it overtakes nobody", () => {
    assert.deepEqual(paths({ biff: "theirs", mail_name: "X" }, { biff: "mine", mail_name: "Y" }), []);
});

test("the state knows what is in use, or nothing of ours is there: nobody came in between", () => {
    assert.deepEqual(paths({ biff: "mine" }, { biff: "mine" }, generation), []);
    assert.deepEqual(paths({ biff: "mine" }, { biff: "mine" }, ""), []);
    const existing = { id, generation: older, proved: { ...settings({ biff: "mine" }) } };
    assert.deepEqual(overtaken(settings({ biff: "yours" }), factsOf({ pins }), existing), []);
    assert.deepEqual(
        overtaken(settings({ biff: "yours" }), host({ biff: "x" }), { ...existing, generation: "" }),
        [],
    );
    assert.deepEqual(overtaken(settings({ biff: "yours" }), host({ biff: "x" }), undefined), []);
});

test("where the two files name two generations, the known one is in use", () => {
    const folder = (name: string) => `/etc/postfix/pulumi/${id.owner}/${name}/identity.pem`;
    const facts = factsOf({
        mainCf: `smtpd_tls_chain_files = ${folder(older)}\n`,
        masterCf: `587 inet n - n - - smtpd -o smtpd_tls_chain_files=${folder(other)}\n`,
        pins: { [`${id.owner}/${older}`]: [pin(1)], [`${id.owner}/${other}`]: [pin(1)] },
    });
    assert.equal(generationInUse(facts, id.owner, other), other);
    assert.equal(generationInUse(facts, id.owner, older), older);
    assert.equal(generationInUse(facts, id.owner), older);
});
