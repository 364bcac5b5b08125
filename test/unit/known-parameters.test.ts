import assert from "node:assert/strict";
import { test } from "node:test";
import { definedNames } from "../../postfix/known-parameters";

const main = `smtpd_banner = $mail_banner (\${where})
smtpd_recipient_restrictions = permit_mynetworks, $(mine)
smtpd_restriction_classes = greylist, strict
virtual_alias_maps = texthash:/etc/postfix/virtual, proxy:ldap:people
alias_maps = ldap:/etc/postfix/ldap.cf
`;
const master = `smtp inet n - y - - smtpd -o smtpd_client_restrictions=$mua_client_restrictions
slow unix - - n - - smtp
    -o { smtp_helo_name = $slow_name }
`;
const isDefined = definedNames(main, master);

test("a name that other values read means something", () => {
    for (const name of ["mail_banner", "where", "mine", "mua_client_restrictions", "slow_name"])
        assert.ok(isDefined(name), name);
});

test("so do classes of restrictions, limits of a transport, parameters of a database", () => {
    for (const name of ["greylist", "strict", "slow_destination_rate_delay", "people_server_host"])
        assert.ok(isDefined(name), name);
});

test("anything else does not, however near it comes", () => {
    for (const name of [
        "banner",
        "fast_destination_rate_delay",
        "slow_colour",
        "ldap_server_host",
        "peoples",
        "virtual",
    ])
        assert.ok(!isDefined(name), name);
});
