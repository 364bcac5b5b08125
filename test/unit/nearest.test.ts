import assert from "node:assert/strict";
import { test } from "node:test";
import { editDistance, nearestName, nearestNames } from "../../postfix/nearest";

test("counts letters added, dropped, changed and swapped", () => {
    assert.equal(editDistance("hostname", "hostname"), 0);
    assert.equal(editDistance("", "port"), 4);
    assert.equal(editDistance("prot", "port"), 1, "swapped neighbours are one slip");
    assert.equal(editDistance("hostnam", "hostname"), 1);
    assert.equal(editDistance("kitten", "sitting"), 3);
    assert.equal(editDistance("ab", "ba"), 1);
    assert.equal(editDistance("aab", "bca"), 3, "letters apart are not swapped");
    assert.equal(editDistance("xabc", "xbac"), 1);
});

test("names the word that was most likely meant, whatever its case", () => {
    const words = ["hostname", "hostKey", "port", "onUnreachable"];
    assert.equal(nearestName("hostkey", words), "hostKey");
    assert.equal(nearestName("prot", words), "port");
    assert.equal(nearestName("onUnreachabel", words), "onUnreachable");
});

test("names several, the nearest first", () => {
    const words = ["smtp_tls_loglevel", "biff", "smtpd_tls_loglevel", "lmtp_tls_loglevel"];
    assert.deepEqual(nearestNames("smtpd_tls_loglvel", words, 2), [
        "smtpd_tls_loglevel",
        "smtp_tls_loglevel",
    ]);
});

test("names nothing where nothing is near", () => {
    assert.equal(nearestName("relayhost", ["sudo", "takeOver"]), undefined);
    assert.equal(nearestName("abcdef", ["abcdxy", "abcxyz"]), "abcdxy", "two slips may be one word");
    assert.equal(nearestName("abcdef", ["abcxyz"]), undefined);
    assert.equal(nearestName("abcdefghi", ["abcdefxyz"]), "abcdefxyz", "a third of a long word too");
    assert.equal(nearestName("x", []), undefined);
});
