import assert from "node:assert/strict";
import { test } from "node:test";
import { planChange } from "../../../provider/host/plan";
import { factsOf, ids, plain, target } from "./fixtures";

const mapTypes = ["btree", "cidr", "hash", "regexp", "static", "texthash"];
const planned = (type: string | undefined) => {
    const table = { ...(type ? { type } : {}), entries: { a: "b" } };
    const inputs = plain({ tables: { generic: table }, main: { smtp_generic_maps: "@{generic}" } });
    return planChange(inputs, factsOf({ mapTypes }), target(ids.plain));
};

test("a type that the host lacks is an error that lists what it has, and where more comes from", () => {
    assert.deepEqual(planned("lmdb").problems, [
        {
            path: "tables.generic.type",
            reason: "Postfix on this host has no tables of type lmdb. Install its package there (on Debian: postfix-lmdb), or choose one of texthash, hash, btree, regexp, cidr",
        },
    ]);
});

test("one that it has is written with its type and path", () => {
    const folder = `/etc/postfix/pulumi/${ids.plain.owner}/0123456789abcdef`;
    for (const type of [undefined, "hash"]) {
        const { problems, mainCf, tables } = planned(type);
        assert.deepEqual(problems, []);
        const name = `${type ?? "texthash"}:${folder}/generic`;
        assert.ok(mainCf.includes(`\nsmtp_generic_maps = ${name}\n`));
        assert.deepEqual(tables, [name]);
    }
});
