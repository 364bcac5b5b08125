import assert from "node:assert/strict";
import { test } from "node:test";
import { deprecations, removedRestrictions } from "../../postfix/deprecated";
import { Problems } from "../../postfix/problems";

const said = (name: string, value: string, version: string) => deprecations(name, value, version).join();

test("a parameter of the article's time is named with its successor, on the oldest version too", () => {
    for (const version of ["3.5.25", "3.11.7"]) {
        assert.equal(
            said("smtpd_use_tls", "yes", version),
            "smtpd_use_tls is deprecated since Postfix 2.3: use smtpd_tls_security_level instead",
        );
    }
    assert.match(said("smtp_tls_per_site", "", "3.7.11"), /use smtp_tls_policy_maps instead/);
});

test("a successor is told only where it exists", () => {
    assert.equal(said("postscreen_blacklist_action", "drop", "3.5.25"), "");
    assert.match(said("postscreen_blacklist_action", "drop", "3.6.0"), /use postscreen_denylist_action/);
});

test("where the default is right nothing takes its place", () => {
    assert.equal(said("smtpd_tls_eecdh_grade", "strong", "3.5.25"), "");
    assert.equal(
        said("smtpd_tls_eecdh_grade", "strong", "3.7.11"),
        "smtpd_tls_eecdh_grade is deprecated since Postfix 3.6: leave it out, the default is right",
    );
});

test("what is up to date, unknown, or called like something of the language is none of it", () => {
    for (const name of ["smtpd_tls_security_level", "nonsense", "constructor", "__proto__"])
        assert.equal(said(name, "permit_mx_backup", "3.11.7"), "");
    assert.equal(said("smtpd_relay_restrictions", "permit_mynetworks, constructor", "3.11.7"), "");
    assert.equal(said("smtpd_use_tls", "yes", "none"), "");
});

test("a restriction is looked for where restrictions stand, in any case", () => {
    assert.match(
        said("smtpd_relay_restrictions", "permit_mynetworks,PERMIT_MX_BACKUP defer", "3.9.1"),
        /^permit_mx_backup is deprecated since Postfix 3\.9: use relay_domains instead$/,
    );
    assert.equal(said("smtpd_relay_restrictions", "permit_mx_backup", "3.7.11"), "");
    assert.equal(said("smtpd_banner", "permit_mx_backup", "3.11.7"), "");
});

test("one that the version has no more is an error there, and a warning before", () => {
    const at = (version: string) => {
        const problems = new Problems();
        removedRestrictions(
            "smtpd_client_restrictions",
            "reject_maps_rbl, permit",
            version,
            problems.at("main"),
        );
        return problems.list;
    };
    assert.deepEqual(at("3.7.11"), []);
    assert.match(said("smtpd_client_restrictions", "reject_maps_rbl, permit", "3.7.11"), /reject_rbl_client/);
    assert.deepEqual(at("3.10.13"), [
        {
            path: "main",
            reason: '"reject_maps_rbl" is gone since Postfix 3.9: use reject_rbl_client instead',
        },
    ]);
    assert.equal(said("smtpd_client_restrictions", "reject_maps_rbl, permit", "3.10.13"), "");
});
