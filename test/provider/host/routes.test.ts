import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { effectiveValue } from "../../../postfix/main-cf";
import { Security } from "../../../postfix/words";
import { sha256 } from "../../../provider/host/apply";
import { checkInputs } from "../../../provider/host/check";
import { leaks } from "../../../provider/host/leaks";
import { planChange } from "../../../provider/host/plan";
import type { RoadWarriorRole } from "../../road-warrior-settings";
import { factsOf, ids, laptop, pin, plain, stockMain, target } from "./fixtures";
import { append, applied, drift, editFile, editMaster, generation } from "./refresh";

const second = { hostname: "second.example.com", port: 587, pins: [pin(3)] };
const role: Partial<RoadWarriorRole> = {
    routes: {
        hubs: [second],
        senders: { "@work.example": second },
        transports: { "work.example": second },
    },
};
const inputs = laptop({}, role);
const id = ids.alice;
const folder = `/etc/postfix/pulumi/${id.owner}/${generation}`;
const withMain = (lines: string) => factsOf({ mainCf: `${stockMain}${lines}` });

test("routes are tables of the laptop's own folder, and no exits", () => {
    assert.deepEqual(
        checkInputs({ ...inputs, connection: { host: "192.0.2.1", hostKey: "x" } }, {}).filter(({ path }) =>
            /^(main|tables)/.test(path),
        ),
        [],
    );
    const plan = planChange(inputs, factsOf(), target(id));
    assert.deepEqual(plan.problems, []);
    for (const [name, file] of [
        ["transport_maps", "transports"],
        ["sender_dependent_relayhost_maps", "sender-relays"],
        ["smtp_tls_policy_maps", "tls-policy"],
    ] as const)
        assert.equal(effectiveValue(plan.mainCf, name), `texthash:${folder}/${file}`);
    assert.deepEqual(plan.tables.length, 3, "each of them is checked before the change");
});

describe("an admin's own table", () => {
    const lines = "transport_maps = hash:/etc/postfix/transport\n";

    test("does not join ours: it yields with a word, or nothing is done", () => {
        const [problem, ...more] = planChange(inputs, withMain(lines), target(id)).problems;
        assert.deepEqual(more, []);
        assert.match(
            problem?.reason ?? "",
            /"transport_maps = hash:.*would become "texthash:.*takeOver: \["transport/,
        );
        const taken = laptop({ takeOver: ["transport_maps"] }, role);
        const plan = planChange(taken, withMain(lines), target(id));
        assert.deepEqual(plan.problems, []);
        assert.equal(effectiveValue(plan.mainCf, "transport_maps"), `texthash:${folder}/transports`);
    });
});

test("a table of another owner's folder is none of the laptop's own", () => {
    const other = plain({ main: { sender_dependent_relayhost_maps: "hash:/etc/postfix/x" } });
    const { mainCf } = planChange(other, factsOf(), target(ids.plain));
    const alone = laptop({}, { routes: { hubs: [second] } });
    const paths = planChange(alone, factsOf({ mainCf }), target(id)).problems.map(({ path }) => path);
    assert.deepEqual(paths, ["main.sender_dependent_relayhost_maps"]);
});

test("routes that a line behind the block or in a table changes are drift", () => {
    const facts = applied([[inputs, id]]);
    assert.deepEqual(drift(inputs, facts, id), {});
    assert.deepEqual(drift(inputs, append(facts, "transport_maps = hash:/x"), id), {
        "main.transport_maps": "update",
    });
    assert.deepEqual(drift(inputs, append(facts, "smtp_tls_policy_maps ="), id), {
        "main.smtp_tls_policy_maps": "update",
    });
    const content = "work.example smtp:[evil.example]:587\n";
    assert.deepEqual(drift(inputs, editFile(facts, "transports", { content, sha256: sha256(content) }), id), {
        'tables.transports.entries["work.example"]': "update",
    });
});

describe("an -o on smtp(8)", () => {
    const on = (option: string) => ({
        masterCf: factsOf().masterCf.replace(/^(smtp +unix.*)$/m, `$1 -o ${option}`),
    });

    test("is compared with the laptop's own level", () => {
        for (const [security, level] of [
            [Security.Encrypt, "encrypt"],
            [Security.Dane, "dane-only"],
            [Security.Fingerprint, "fingerprint"],
        ] as const) {
            const own = laptop({}, { security });
            for (const option of ["encrypt", "dane-only", "fingerprint", "may", "none", ""]) {
                const facts = factsOf(on(`smtp_tls_security_level=${option}`));
                const { problems } = planChange(own, facts, target(id));
                assert.equal(problems.length, option === level ? 0 : 1, `${option} beside ${level}`);
            }
        }
    });

    test("may not let further CAs vouch", () => {
        const facts = factsOf(on("tls_append_default_CA=yes"));
        assert.equal(
            planChange(laptop({}, { security: "secure", authority: "PEM" }), facts, target(id)).problems
                .length,
            1,
        );
        assert.equal(planChange(laptop(), factsOf(on("smtp_tls_CAfile=/x")), target(id)).problems.length, 1);
    });

    test("that appears later is drift at the laptop's own level too", () => {
        const own = laptop({}, { security: "encrypt" });
        const facts = applied([[own, id]], on("smtp_helo_timeout=9s"));
        const edited = (level: string) =>
            editMaster(facts, /^(smtp +unix.*)$/m, `$1 -o smtp_tls_security_level=${level}`);
        assert.deepEqual(drift(own, edited("encrypt"), id), {});
        assert.deepEqual(Object.keys(drift(own, edited("may"), id)).length > 0, true);
    });
});

test("at security secure the distribution's CAs are left out, and put back", () => {
    const own = laptop({}, { security: "secure", authority: "PEM" });
    const facts = withMain("smtp_tls_CApath=/etc/ssl/certs\n");
    const plan = planChange(own, facts, target(id));
    assert.deepEqual(plan.problems, []);
    assert.equal(effectiveValue(plan.mainCf, "smtp_tls_CApath"), "");
    assert.equal(effectiveValue(plan.mainCf, "smtp_tls_CAfile"), `${folder}/authority.pem`);
});

describe("mail that waits would leak", () => {
    const mainOf = (own: Partial<RoadWarriorRole>, from = factsOf()) =>
        planChange(laptop({}, own), from, target(id)).mainCf;
    const levels = [Security.Encrypt, Security.Dane, Security.Secure, Security.Fingerprint].map((security) =>
        mainOf({ security, authority: "PEM" }),
    );

    test("when the level goes down, and at no other time", () => {
        for (const [before, from] of levels.entries()) {
            for (const [after, to] of levels.entries())
                assert.equal(leaks(from, to), after < before, `${before} to ${after}`);
        }
    });

    test("to no other hub of the same level", () => {
        const other = mainOf({ hub: second });
        const several = mainOf(role);
        for (const [from, to] of [
            [mainOf({}), other],
            [mainOf({}), several],
            [several, other],
        ] as const)
            assert.equal(leaks(from, to), false);
    });

    test("when an admin's stricter level yields; not by a first change that pins", () => {
        assert.equal(leaks("smtp_tls_security_level = dane-only\n", levels[0] ?? ""), true);
        assert.equal(leaks("smtp_tls_security_level = dane\n", levels[0] ?? ""), false);
        assert.equal(leaks(stockMain, levels[0] ?? ""), false);
        assert.equal(leaks("", levels[3] ?? ""), false);
        assert.equal(leaks("smtp_tls_security_level = $level\n", levels[0] ?? ""), true, "who knows");
    });
});
