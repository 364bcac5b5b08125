import assert from "node:assert/strict";
import { test } from "node:test";
import { composeBlocks, findConflicts, type OwnerBlock, partName, readSettings } from "../../postfix/compose";

const hub: OwnerBlock = {
    owner: "hub-11111111",
    settings: [
        ["smtp_tls_loglevel", "1"],
        [partName("hub-11111111", "relay_clientcerts"), ""],
    ],
};
const laptops: OwnerBlock = {
    owner: "laptops-22222222",
    settings: [[partName("laptops-22222222", "relay_clientcerts"), "texthash:/x/clients"]],
};

test("the parts of a list are put together under one name, the empty one too", () => {
    // Whoever came first, so that the file does not change with the order of the blocks.
    for (const blocks of [
        [hub, laptops],
        [laptops, hub],
    ])
        assert.deepEqual(composeBlocks(blocks).get("shared"), [
            "pulumi_relay_clientcerts = $pulumi_hub_11111111_relay_clientcerts $pulumi_laptops_22222222_relay_clientcerts",
        ]);
});

test("without any part there is no shared block", () => {
    assert.equal(
        composeBlocks([{ owner: "a-11111111", settings: [["relayhost", "x"]] }]).get("shared"),
        undefined,
    );
});

test("what two owners set alike is written once, and both still say it", () => {
    const other: OwnerBlock = { owner: "other-33333333", settings: [["smtp_tls_loglevel", "1"]] };
    const composed = composeBlocks([hub, other]);
    assert.deepEqual(composed.get("other-33333333"), ["#= smtp_tls_loglevel = 1"]);
    assert.equal(composed.get("hub-11111111")?.[0], "#= smtp_tls_loglevel = 1");
    assert.equal(composed.get("shared")?.filter((line) => line === "smtp_tls_loglevel = 1").length, 1);
    assert.deepEqual(readSettings(composed.get("other-33333333") ?? []), other.settings);
});

test("when one of two leaves, the other's line stands by itself again", () => {
    const other: OwnerBlock = { owner: "other-33333333", settings: [["smtp_tls_loglevel", "1"]] };
    const both = composeBlocks([hub, other]);
    const alone = composeBlocks([{ owner: hub.owner, settings: readSettings(both.get(hub.owner) ?? []) }]);
    assert.equal(alone.get(hub.owner)?.[0], "smtp_tls_loglevel = 1");
});

test("two owners who want one parameter unlike are named, with both values", () => {
    const other: OwnerBlock = { owner: "other-33333333", settings: [["smtp_tls_loglevel", "2"]] };
    assert.deepEqual(findConflicts([hub, other]), [
        { name: "smtp_tls_loglevel", owners: ["hub-11111111", "other-33333333"], values: ["1", "2"] },
    ]);
});

test("a value comes back as it was given, also with what is a blank or a line's end to JavaScript alone", () => {
    const settings: [string, string][] = [
        ["smtpd_banner", "\u00a0a\u2028b\u00a0"],
        ["x", ""],
        ["y", "= a = b"],
    ];
    const composed = composeBlocks([{ owner: "a-11111111", settings }]);
    assert.deepEqual(readSettings(composed.get("a-11111111") ?? []), settings);
});

test("what somebody wrote into a block and is no setting is none of ours", () => {
    assert.deepEqual(readSettings(["# x = y", "  z = 1", "a", "#= b = 2", "c=3"]), [
        ["b", "2"],
        ["c", "3"],
    ]);
});
