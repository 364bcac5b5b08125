import assert from "node:assert/strict";
import { test } from "node:test";
import { effectiveValue } from "../../../postfix/main-cf";
import type { HostFacts } from "../../../provider/host/facts";
import type { HostInputs } from "../../../provider/host/inputs";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { factsOf, grant, hub, ids, laptop, stockMain, target } from "./fixtures";
import { applied, drift, edit } from "./refresh";

const client = "smtp_tls_session_cache_database";
const server = "smtpd_tls_session_cache_database";
const article = stockMain
    .replace(/^smtp_tls_session_cache.*\n/m, "")
    .concat(
        `${client} = btree:\${spool_directory}/smtp_scache\n`,
        `${server} = btree:\${spool_directory}/smtpd_scache\n`,
    );
const mapTypes = ["btree", "texthash"];
const facts = factsOf({ mainCf: article, mapTypes });
const plan = (inputs: HostInputs, id: { owner: string; instance: string }, on: HostFacts = facts) =>
    planChange(inputs, on, target(id));

for (const [title, inputs, id] of [
    ["laptop", laptop(), ids.alice],
    ["dedicated hub", hub(), ids.hub],
] as const) {
    test(`a ${title} moves the article's caches without takeOver, tells so once, and gives the lines back`, () => {
        const first = plan(inputs, id);
        assert.deepEqual(first.problems, []);
        assert.equal(effectiveValue(first.mainCf, client), "btree:${data_directory}/smtp_scache");
        assert.equal(effectiveValue(first.mainCf, server), undefined);
        const [moved, dropped, ...more] = first.notes;
        assert.deepEqual(more, []);
        const line = article.split("\n").indexOf(`${client} = btree:\${spool_directory}/smtp_scache`) + 1;
        assert.equal(
            moved,
            `main.cf line ${line} of the host, "${client} = btree:\${spool_directory}/smtp_scache", never worked, because Postfix has no parameter spool_directory: it becomes "btree:\${data_directory}/smtp_scache" (destroy puts the line back)`,
        );
        assert.match(dropped ?? "", /it is commented out, for session tickets do what it is for/);
        const after = { ...facts, mainCf: first.mainCf, masterCf: first.masterCf };
        const second = plan(inputs, id, after);
        assert.deepEqual([second.notes, second.changes, second.mainCf], [[], [], first.mainCf]);
        assert.equal(planRemoval(id.owner, after).mainCf, article);
    });
}

test("what moved is no drift, until somebody edits it", () => {
    const host = applied([[laptop(), ids.alice]], { mainCf: article, mapTypes });
    const on = { ...host, mapTypes };
    assert.deepEqual(drift(laptop(), on, ids.alice), {});
    const edited = edit(on, "btree:${data_directory}/smtp_scache", "btree:${data_directory}/x");
    assert.deepEqual(drift(laptop(), edited, ids.alice), { [`main.${client}`]: "add" });
});

test("the user's own value goes before ours, and needs no word either", () => {
    const own = laptop({ settings: { [client]: "" } });
    const { problems, mainCf } = plan(own, ids.alice);
    assert.deepEqual(problems, []);
    assert.equal(effectiveValue(mainCf, client), "");
});

test("who leaves main.cf to the admin only says what to do there", () => {
    for (const [inputs, id] of [
        [hub({}, { mode: "guest" }), ids.hub],
        [grant(["alice"]), ids.laptops],
    ] as const) {
        const { notes, mainCf } = plan(inputs, id);
        assert.match(notes[0] ?? "", /write "smtp_tls_session_cache_database = btree:\S+" there$/);
        assert.match(notes[1] ?? "", /leave it out there$/);
        assert.equal(effectiveValue(mainCf, client), "btree:${spool_directory}/smtp_scache");
    }
});

test("Debian's own cache stays where it is", () => {
    const { mainCf, notes } = plan(laptop(), ids.alice, factsOf({ mapTypes }));
    assert.match(mainCf, /^smtp_tls_session_cache_database = btree:\$\{data_directory\}\/smtp_scache$/m);
    assert.deepEqual(notes, []);
});

test("where Postfix warns of its type it yields in silence, and comes back", () => {
    const sid = factsOf({ version: "3.11.7", mapTypes: ["btree", "lmdb", "texthash"] });
    const { mainCf, masterCf, notes, problems } = plan(laptop(), ids.alice, sid);
    assert.deepEqual([notes, problems], [[], []]);
    assert.equal(effectiveValue(mainCf, client), "lmdb:${data_directory}/smtp_scache");
    assert.equal(planRemoval(ids.alice.owner, { ...sid, mainCf, masterCf }).mainCf, sid.mainCf);
});
