import assert from "node:assert/strict";
import { test } from "node:test";
import { toDialect } from "../../postfix/dialect";
import { Problems } from "../../postfix/problems";
import { smartHostSettings } from "../../postfix/roles/smart-host";
import { atLeast, has, parseVersion } from "../../postfix/version";

const version = (text: string) => parseVersion(text) ?? assert.fail(text);

test("a patch level counts where one is asked for", () => {
    assert.ok(atLeast(version("3.7.9"), "3.7.9"));
    assert.ok(!atLeast(version("3.7.8"), "3.7.9"));
    assert.ok(atLeast(version("3.10.0"), "3.9"), "ten is more than nine");
    assert.ok(atLeast(version("3.9-20240101"), "3.9"), "a snapshot");
    assert.ok(has(version("3.6.13"), "3.9", ["3.5.23", "3.6.13"]));
    assert.ok(!has(version("3.6.12"), "3.9", ["3.5.23", "3.6.13"]));
    assert.ok(
        !has(version("3.7.1"), "3.9", ["3.5.23", "3.6.13"]),
        "a patch of another minor release is none",
    );
});

const hub = smartHostSettings({ mode: "dedicated", port: 587, identity: [], settings: {} });

const cases: { on: string; newline?: string; pipelining: boolean }[] = [
    { on: "3.5.18", pipelining: false },
    { on: "3.5.20", pipelining: true },
    { on: "3.5.23", newline: "yes", pipelining: true },
    { on: "3.5.25", newline: "normalize", pipelining: true },
    { on: "3.6.4", pipelining: false },
    { on: "3.7.9", newline: "yes", pipelining: true },
    { on: "3.7.11", newline: "normalize", pipelining: true },
    { on: "3.8.4", newline: "yes", pipelining: true },
    { on: "3.8.6", newline: "normalize", pipelining: true },
    { on: "3.9.0", newline: "normalize", pipelining: true },
    { on: "3.11.7", newline: "normalize", pipelining: true },
];

for (const { on, newline, pipelining } of cases) {
    test(`Postfix ${on} is told of SMTP smuggling what it knows`, () => {
        const problems = new Problems();
        const { main, services, warnings } = toDialect(hub, on, problems);
        assert.deepEqual(problems.list, []);
        const service = services["587/inet"]?.options ?? {};
        for (const settings of [main, service]) {
            assert.equal(settings.smtpd_forbid_bare_newline, newline);
            assert.equal(settings.smtpd_forbid_unauth_pipelining, pipelining ? "yes" : undefined);
        }
        assert.equal(service.smtpd_forbid_bare_newline_exclusions, newline && "");
        assert.equal(warnings.length, (newline ? 0 : 1) + (pipelining ? 0 : 1));
        const patch = { "3.5": "3.5.23", "3.6": "3.6.13" }[on.slice(0, 3)];
        if (!newline)
            assert.match(
                warnings.join("\n"),
                new RegExp(`has no smtpd_forbid_bare_newline, so .*: upgrade it to ${patch} or later`),
            );
    });
}
