import assert from "node:assert/strict";
import { test } from "node:test";
import { decisive } from "../../../postfix/judge/open-relay";
import { planChange } from "../../../provider/host/plan";
import { askedNames } from "../../../provider/host/plan-names";
import { factsOf, ids, plain, target } from "./fixtures";

const facts = factsOf({
    unknownNames: ["smtpd_tls_loglvel", "mail_banner", "slow_destination_rate_delay"],
    parameters: ["smtpd_tls_loglevel", "smtp_tls_loglevel", "smtpd_banner"],
});
const planned = (
    main: Record<string, string>,
    more: Parameters<typeof plain>[1] = {},
    services: Parameters<typeof plain>[0]["services"] = {},
    on = facts,
) => planChange(plain({ main, services }, more), on, target(ids.plain));

test("the host is asked for every name that may be written, and for all that decide who may relay", () => {
    const services = { "2525/inet": { command: "smtpd", options: { b: "1", a: "2" } } };
    assert.deepEqual(askedNames(plain({ main: { a: "1", c: "2" }, services })), ["a", "c", "b", ...decisive]);
});

test("a name that the host does not know is an error with what may have been meant, and the way past it", () => {
    const { problems } = planned({ smtpd_tls_loglvel: "1" });
    assert.deepEqual(problems, [
        {
            path: "main.smtpd_tls_loglvel",
            reason: "Postfix 3.7.11 on this host knows no such parameter, and nothing there reads it as $smtpd_tls_loglvel; did you mean smtpd_tls_loglevel or smtp_tls_loglevel? To write it all the same, set allowUnknown: true",
        },
    ]);
    const service = { command: "smtpd", options: { smtpd_tls_loglvel: "1" } };
    assert.deepEqual(
        planned({}, {}, { "2525/inet": service }).problems.map(({ path }) => path),
        ['services["2525/inet"].options.smtpd_tls_loglvel'],
    );
});

test("with allowUnknown it is written, and the check of the staged files lets it pass", () => {
    const plan = planned({ smtpd_tls_loglvel: "1", smtpd_banner: "x" }, { allowUnknown: true });
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(plan.names, ["smtpd_banner"]);
    assert.match(plan.mainCf, /^smtpd_tls_loglvel = 1$/m);
});

test("a helper that other values read is known, and so is a limit of a transport of ours", () => {
    const slow = { command: "smtp", options: {} };
    const main = { mail_banner: "hello", smtpd_banner: "$mail_banner", slow_destination_rate_delay: "5s" };
    assert.deepEqual(planned(main, { takeOver: ["*"] }, { "slow/unix": slow }).problems, []);
    assert.deepEqual(
        planned(main, { takeOver: ["*"] }).problems.map(({ path }) => path),
        ["main.slow_destination_rate_delay"],
    );
});

test("what is outdated is a warning with its place, and no obstacle", () => {
    const service = { command: "smtpd", options: { smtpd_enforce_tls: "yes" } };
    const plan = planned({ smtpd_use_tls: "yes" }, {}, { "2525/inet": service });
    assert.deepEqual(plan.problems, []);
    assert.deepEqual(plan.warnings, [
        "main.smtpd_use_tls: smtpd_use_tls is deprecated since Postfix 2.3: use smtpd_tls_security_level instead",
        'services["2525/inet"].options.smtpd_enforce_tls: smtpd_enforce_tls is deprecated since Postfix 2.3: use smtpd_tls_security_level instead',
    ]);
});

test("an admin's own outdated line is told with its number, unless it yields", () => {
    const on = factsOf({ mainCf: "smtpd_use_tls = yes\nsmtp_use_tls = yes\n" });
    const main = { smtp_use_tls: "no" };
    assert.deepEqual(planned(main, { takeOver: ["*"] }, {}, on).notes, [
        "main.cf line 1 of the host: smtpd_use_tls is deprecated since Postfix 2.3: use smtpd_tls_security_level instead",
    ]);
});

test("a restriction that this version has no more is an error", () => {
    const main = { smtpd_client_restrictions: "reject_maps_rbl" };
    assert.deepEqual(planned(main).problems, []);
    const on = factsOf({ version: "3.10.13" });
    assert.deepEqual(
        planned(main, {}, {}, on).problems.map(({ path }) => path),
        ["main.smtpd_client_restrictions"],
    );
});
