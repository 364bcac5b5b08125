import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMainCf } from "../../postfix/main-cf";
import { yieldingCaches } from "../../postfix/session-caches";

const found = (mainCf: string, version = "3.7.11", mapTypes = ["btree", "lmdb", "texthash"]) =>
    yieldingCaches(parseMainCf(mainCf).settings, version, mapTypes).map(({ line, value }) => [
        line.name,
        value,
    ]);

const client = "smtp_tls_session_cache_database = btree:${spool_directory}/smtp_scache\n";
const server = "smtpd_tls_session_cache_database = btree:${spool_directory}/smtpd_scache\n";

test("the client's cache moves to the data directory, the server's is not needed", () => {
    assert.deepEqual(found(client + server), [
        ["smtp_tls_session_cache_database", "btree:${data_directory}/smtp_scache"],
        ["smtpd_tls_session_cache_database", undefined],
    ]);
});

test("however the parameter is spelt", () => {
    for (const spelt of ["$spool_directory", "${spool_directory}", "$(spool_directory)"])
        assert.equal(found(client.replace("${spool_directory}", spelt)).length, 1, spelt);
});

test("the type is one that the host has and does not warn of", () => {
    assert.equal(found(client, "3.11.7")[0]?.[1], "lmdb:${data_directory}/smtp_scache");
    assert.equal(found(client, "3.11.7", ["btree"])[0]?.[1], "btree:${data_directory}/smtp_scache");
    assert.equal(found(client, "3.9.9", ["lmdb"])[0]?.[1], "lmdb:${data_directory}/smtp_scache");
    assert.deepEqual(found(client, "3.9.9", ["texthash"]), [["smtp_tls_session_cache_database", undefined]]);
});

test("Debian's own line keeps its place and gets another type where Postfix warns of that one", () => {
    const debians = "smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n";
    const moved = [["smtp_tls_session_cache_database", "lmdb:${data_directory}/smtp_scache"]];
    assert.deepEqual(found(debians, "3.11.7"), moved);
    assert.deepEqual(found(debians, "3.11.7", ["btree"]), []);
    assert.deepEqual(found(debians, "3.10.13"), []);
    assert.deepEqual(found(debians.replace("smtp_scache", "cache"), "3.11.7"), []);
});

test("what works stays: Debian's own line, another folder, a host where somebody gave the name a meaning", () => {
    assert.deepEqual(found("smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\n"), []);
    assert.deepEqual(found("smtp_tls_session_cache_database = btree:$spool_directory_x/smtp_scache\n"), []);
    assert.deepEqual(found("mail_spool_directory = $spool_directory/mail\n"), []);
    assert.deepEqual(found(`${client}spool_directory = /var/spool/postfix\n`), []);
});
