import assert from "node:assert/strict";
import { test } from "node:test";
import { Role } from "../../../postfix/settings";
import { readInputs } from "../../../provider/host/inputs";
import { installedFirst } from "../../../provider/host/no-postfix";
import { NoPostfix } from "../../../provider/host/probe";

const missing = (packageManager: string) =>
    new NoPostfix(
        { host: "root@192.0.2.25:22", step: "read", kind: "step" },
        ["Postfix is not installed", "install it"],
        packageManager,
    );
const said = (inputs: Record<string, unknown>, isNewMachine = true, packageManager = "dnf") =>
    installedFirst(readInputs({ role: Role.RoadWarrior, ...inputs }), isNewMachine, missing(packageManager));

test("a preview of a host that is to get Postfix says so, and by what", () => {
    assert.equal(
        said({ installPackage: true }),
        "Postfix is not on this host and will be installed (dnf): what stands there is looked at then",
    );
    assert.throws(() => said({}), /Postfix is not installed/);
    assert.throws(
        () => said({ installPackage: true }, true, ""),
        /^UserError: installPackage: installPackage knows apt-get, .* and this system has none of them/,
    );
});

test("a grant waits for its hub, which says for itself whether Postfix is going to be there", () => {
    assert.equal(
        said({ role: Role.RelayAccess }, true, ""),
        "Postfix is not on this host yet: what stands there is looked at once it is installed",
    );
});

test("where we were before, nobody installs it again: that is an error", () => {
    for (const inputs of [{ installPackage: true }, { role: Role.RelayAccess }])
        assert.throws(() => said(inputs, false), /Postfix is not installed/);
});
