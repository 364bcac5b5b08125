import assert from "node:assert/strict";
import { test } from "node:test";
import { restrictionList, unknownRestrictions } from "../../postfix/restrictions";

test("what Postfix knows passes: words, tables, services, classes, actions", () => {
    const value = `permit_mynetworks, permit_sasl_authenticated check_client_access cidr:/etc/postfix/clients
        check_recipient_access { texthash:/etc/postfix/x, search_order = cert_fingerprint }
        reject_rbl_client zen.example.com, check_policy_service unix:private/policy sleep 1
        warn_if_reject REJECT_UNKNOWN_CLIENT $more greylist reject_unauth_destination, REJECT`;
    assert.deepEqual(unknownRestrictions(value, ["greylist"]), []);
    assert.deepEqual(unknownRestrictions("", []), []);
});

test("a word that Postfix would answer each mail with 451 for is named, and what was meant", () => {
    assert.deepEqual(unknownRestrictions("permit_mynetworks, reject_unauth_destinaton", []), [
        'no restriction of smtpd(8): "reject_unauth_destinaton"; did you mean reject_unauth_destination?',
    ]);
    assert.deepEqual(unknownRestrictions("check_client_access no_table_but_its_argument, greylist", []), [
        'no restriction of smtpd(8): "greylist"',
    ]);
});

test("lists of restrictions are known by name", () => {
    assert.match("smtpd_end_of_data_restrictions", restrictionList);
    assert.doesNotMatch("smtpd_restriction_classes", restrictionList);
});
