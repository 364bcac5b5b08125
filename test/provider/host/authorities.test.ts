import assert from "node:assert/strict";
import { test } from "node:test";
import { generationFiles } from "../../../provider/host/apply";
import { checkInputs } from "../../../provider/host/check";
import { configurationDiff } from "../../../provider/host/diff";
import { observe } from "../../../provider/host/drift";
import { planChange } from "../../../provider/host/plan";
import { authority } from "../../certificates";
import { factsOf, ids, plain, target } from "./fixtures";
import { applied, editFile, generation } from "./refresh";

const ca = authority().certificate;
const inputs = plain({ main: { smtp_tls_CAfile: "@{authority}" }, authorities: { authority: ca } });
const folder = `/etc/postfix/pulumi/${ids.plain.owner}/${generation}`;

test("a CA's certificate is a file of the generation, and main.cf names it", () => {
    const { mainCf, problems } = planChange(inputs, factsOf(), target(ids.plain, generation));
    assert.deepEqual(problems, []);
    assert.match(mainCf, new RegExp(`^smtp_tls_CAfile = ${folder}/authority\\.pem$`, "m"));
    assert.equal(generationFiles(inputs)["authority.pem"], `${ca.trim()}\n`);
});

test("a CA's certificate that was changed or removed on the host is drift of it", () => {
    const facts = applied([[inputs, ids.plain]]);
    const paths = (changed: typeof facts) => {
        const seen = observe(inputs, changed, ids.plain.owner, generation);
        assert.ok(seen);
        return configurationDiff({ main: inputs.main, authorities: inputs.authorities }, { ...seen });
    };
    assert.deepEqual(paths(facts), {});
    const edited = editFile(facts, "authority.pem", { sha256: "other" });
    assert.deepEqual(paths(edited), { "authorities.authority": "update" });
    const gone = { ...facts, generationFiles: [] };
    assert.deepEqual(paths(gone), { "authorities.authority": "update" });
});

test("what is no CA's certificate is refused, and so is a name that stands twice", () => {
    const base = { owner: "hub", role: "smartHost", connection: { host: "x" }, insecureIgnoreHostKey: true };
    const faults = (authorities: unknown, more = {}) =>
        checkInputs({ ...base, main: {}, authorities, ...more }, {}).map(
            ({ path, reason }) => `${path}: ${reason}`,
        );
    assert.deepEqual(faults({ authority: ca }), []);
    assert.deepEqual(faults({ authority: authority().privateKey }), [
        "authorities.authority: holds a private key: give the certificate alone, a CA's key belongs on no machine",
    ]);
    assert.match(faults({ authority: "/etc/ssl/ca.pem" })[0] ?? "", /^authorities\.authority: .*a path/);
    assert.match(faults({ "No!": ca })[0] ?? "", /^authorities\["No!"\]: wants a name/);
    assert.deepEqual(faults({ clients: ca }, { tables: { clients: { entries: {} } } }), [
        "authorities.clients: has the name of a chain or table: each file needs its own",
    ]);
});
