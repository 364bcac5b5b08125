import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteError } from "../../../provider/errors";
import type { Changed, Teller } from "../../../provider/host/change";
import { configurationDiff } from "../../../provider/host/diff";
import { generationInUse } from "../../../provider/host/generation";
import { hostResource } from "../../../provider/host/index";
import type { HostInputs } from "../../../provider/host/inputs";
import { planChange } from "../../../provider/host/plan";
import { observed, pendingOutputs, plain, refuseNewer, settle, shown } from "../../../provider/host/state";
import { PartialFailure } from "../../../provider/resource";
import { type PropertyMap, Secret, unknown } from "../../../provider/values";
import { factsOf, grant, hub, ids, laptop, pin, target } from "./fixtures";

function listener(): Teller & { warnings: string[] } {
    const warnings: string[] = [];
    return {
        warnings,
        progress() {},
        info() {},
        warn: (text) => warnings.push(text),
        signal: new AbortController().signal,
    };
}

const proof = { reaches: { host: "mailhub.example.com", port: 587, pins: [pin(1)] } };
// Without its chain: whether a certificate is about to expire is another test's matter.
const inputs: HostInputs = { ...laptop({ proof }), chains: {} };
const news: PropertyMap = { owner: "alice", main: { relayhost: "b", password: new Secret("p") } };
const changed = (more: Partial<Changed>): Changed => ({
    id: ids.alice,
    generation: "0123456789abcdef",
    version: "3.7.11",
    notes: [],
    provenBy: "postfix",
    unmanaged: ["biff = yes"],
    servedPins: [],
    ...more,
});

test("a change that was proven is written down with what it is known by, and says nothing", () => {
    const tell = listener();
    const { id, outputs } = settle(news, inputs, changed({}), {}, tell);
    assert.equal(id, "alice-a11ce000/aaaaaaaaaaaaaaaa");
    assert.deepEqual(outputs, {
        ...news,
        schema: 1,
        postfixVersion: "3.7.11",
        generation: "0123456789abcdef",
        unmanaged: ["biff = yes"],
        provenBy: "postfix",
        pending: false,
        provenPins: inputs.proof?.reaches?.pins,
    });
    assert.deepEqual(tell.warnings, []);
});

test("a hub out of reach is a warning that says why; so is a proof that could not be made, where one was asked for", () => {
    const warned = (more: Partial<Changed>, wanted = inputs) => {
        const tell = listener();
        settle(news, wanted, changed(more), {}, tell);
        return tell.warnings.join("\n");
    };
    assert.match(
        warned({ provenBy: "unproven", why: "timed out" }),
        /could not be reached.*\(timed out\).*next up proves it/,
    );
    assert.match(warned({ provenBy: "none", why: "no log" }), /not proven: no log/);
    assert.equal(warned({ provenBy: "none" }, { ...inputs, proof: undefined }), "");
});

test("another key than the pinned one fails the resource, with the new state: the pin stays", () => {
    try {
        settle(news, inputs, changed({ provenBy: "unproven", mismatch: "not verified" }), {}, listener());
        assert.fail("no failure");
    } catch (error) {
        assert.ok(error instanceof PartialFailure);
        assert.equal(error.id, "alice-a11ce000/aaaaaaaaaaaaaaaa");
        assert.equal(error.inputs, news);
        assert.equal(error.outputs.provenBy, "unproven");
        assert.match(
            error.message,
            /mailhub\.example\.com:587 shows another key.*keeps its pin.*not verified/s,
        );
    }
});

test("a further hub is told apart: a wrong key fails the resource, one that is away is a warning", () => {
    const server = "second.example.com:587";
    const others = (outcome: "match" | "mismatch" | "unreachable" | "none") =>
        changed({ others: [{ server, outcome, why: "so it was" }] });
    try {
        settle(news, inputs, others("mismatch"), {}, listener());
        assert.fail("no failure");
    } catch (error) {
        assert.ok(error instanceof PartialFailure);
        assert.equal(error.outputs.provenBy, "unproven", "the next up looks again");
        assert.match(
            error.message,
            /second\.example\.com:587 shows another key.*keeps its pin: no mail goes there/s,
        );
        assert.doesNotMatch(error.message, /mailhub/);
    }
    for (const outcome of ["unreachable", "none"] as const) {
        const tell = listener();
        assert.equal(settle(news, inputs, others(outcome), {}, tell).outputs.provenBy, "postfix");
        assert.match(
            tell.warnings.join(),
            /second\.example\.com:587, one of .* further hubs, was not proven: so it was/,
        );
    }
    const tell = listener();
    settle(news, inputs, others("match"), {}, tell);
    assert.deepEqual(tell.warnings, []);
});

test("of a sleeping laptop the state says what it last proved, so the next diff names just what is outstanding", () => {
    const proved: PropertyMap = { main: { relayhost: "a" }, chains: {}, generation: "0", sudo: false };
    const outputs = pendingOutputs({ ...news, sudo: true, tables: { clients: {} } }, proved);
    assert.deepEqual(outputs, {
        main: { relayhost: "a" },
        chains: {},
        generation: "0",
        sudo: true,
        owner: "alice",
        schema: 1,
        provenBy: "unproven",
        pending: true,
    });
    assert.deepEqual(configurationDiff(plain(outputs), plain(news)), {
        "main.relayhost": "update",
        "main.password": "add",
    });
    // One that was never reached has proved nothing.
    assert.deepEqual(Object.keys(pendingOutputs(news, {})).sort(), [
        "owner",
        "pending",
        "provenBy",
        "schema",
    ]);
});

test("what a refresh saw is secret where it was, and absent where it was absent and nothing was seen", () => {
    const seen = {
        main: { relayhost: "c", password: "q" },
        lists: {},
        services: {},
        chains: {},
        tables: { t: { entries: { k: "v" } } },
    };
    const found = observed({ ...news, services: {} }, seen);
    assert.deepEqual(Object.keys(found).sort(), ["main", "services", "tables"]);
    const main = found.main as PropertyMap;
    assert.equal(main.relayhost, "c");
    assert.ok(main.password instanceof Secret && main.password.value === "q");
});

test("a preview shows words where a value is not known, and nothing where a whole map is not", () => {
    const some = {
        ...inputs,
        main: { relayhost: unknown, x: "1" },
        lists: unknown,
        chains: { identity: [unknown] },
    };
    const seen = shown(some as unknown as HostInputs);
    assert.deepEqual(seen.main, { relayhost: "(known after up)", x: "1" });
    assert.deepEqual(seen.lists, {});
    assert.deepEqual(seen.chains, { identity: ["(known after up)"] });
    assert.deepEqual(seen.proof, inputs.proof);
});

test("the generation in use is found by either file: a guest hub's keys are named in master.cf only", () => {
    const now = "00000000000000aa";
    const pins = (owner: string) => ({
        [`${owner}/00000000000000ff`]: [pin(1)],
        [`${owner}/${now}`]: [pin(1)],
    });
    for (const [wanted, id] of [
        [hub({}, { mode: "guest" }), ids.hub],
        [laptop(), ids.alice],
        [grant(["alice"]), ids.laptops],
    ] as const) {
        const { mainCf, masterCf } = planChange(wanted, factsOf(), target(id, now));
        assert.equal(
            generationInUse(factsOf({ mainCf, masterCf, pins: pins(id.owner) }), id.owner),
            now,
            id.owner,
        );
        assert.equal(
            generationInUse(factsOf({ mainCf, masterCf, pins: pins("x-00000000") }), id.owner),
            undefined,
        );
    }
});

test("a change that could not be undone past an edit is what the host has: written down, and a failure", () => {
    const stuck = new RemoteError({ host: "alice", step: "s", kind: "step", reason: "edited" });
    assert.throws(
        () => settle(news, inputs, changed({ provenBy: "unproven", stuck }), {}, listener()),
        (error) =>
            error instanceof PartialFailure &&
            error.outputs.main === news.main &&
            /edited/.test(error.message),
    );
});

test("a state of a later release is refused, by each operation that meets it", async () => {
    refuseNewer({ schema: 1 });
    refuseNewer({});
    assert.throws(() => refuseNewer({ schema: 2 }), /later release .*update the package/);
    const olds = { ...news, schema: 2 };
    const subject = { urn: "u", name: "n", id: "i", olds, oldInputs: news };
    const operation = { ...subject, ...listener() };
    await assert.rejects(hostResource.diff({ ...subject, news }), /later release/);
    await assert.rejects(hostResource.read(operation), /later release/);
    await assert.rejects(hostResource.delete(operation), /later release/);
});

test("an argument that leaves the program leaves the state too: the next run finds nothing to do", async () => {
    const connection = { host: "192.0.2.1", hostKey: "k" };
    const olds = {
        ...news,
        connection,
        role: "roadWarrior",
        onDelete: "hold",
        provenBy: "postfix",
        schema: 1,
    };
    const wanted: PropertyMap = { ...news, connection, role: "roadWarrior" };
    const subject = { urn: "u", name: "n", id: "alice-a11ce000/aaaaaaaaaaaaaaaa", oldInputs: olds };
    for (const preview of [true, false]) {
        const request = { ...subject, ...listener(), olds, news: wanted, preview };
        const { outputs } = await hostResource.update(request);
        assert.equal(outputs.provenBy, "postfix");
        const again = await hostResource.diff({ ...subject, olds: outputs, news: wanted });
        assert.deepEqual(again.detailed, {});
    }
    assert.equal(pendingOutputs(wanted, olds).onDelete, undefined);
    assert.equal(
        pendingOutputs(wanted, { ...olds, tables: {} }).tables !== undefined,
        true,
        "what it proved",
    );
});

test("a sleeper that is taken out: what it still has is told, or that nothing ever came there", async () => {
    const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    // Nobody listens on port 1.
    const connection = {
        host: "127.0.0.1",
        port: 1,
        user: "root",
        dialErrorLimit: 0,
        hostKey,
    };
    const olds = { ...news, connection, role: "roadWarrior", onUnreachable: "pending" };
    const removed = async (more: PropertyMap): Promise<string[]> => {
        const listening = listener();
        const subject = { urn: "u", name: "n", id: "alice-a11ce000/aaaaaaaaaaaaaaaa", oldInputs: news };
        await hostResource.delete({ ...subject, ...listening, olds: { ...olds, ...more } });
        return listening.warnings;
    };
    const [reached, ...others] = await removed({ generation: "0123456789abcdef" });
    assert.deepEqual(others, []);
    assert.match(
        reached ?? "",
        /forgotten without being undone; .* keys lie in \/etc\/postfix\/pulumi\/alice-a11ce000$/,
    );
    assert.match(
        (await removed({}))[0] ?? "",
        /: forgotten; no change has ever reached it, so there is nothing/,
    );
});
