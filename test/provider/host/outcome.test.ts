import assert from "node:assert/strict";
import { test } from "node:test";
import { brokenOff } from "../../../provider/host/outcome";

/** What is said of a change whose agent was killed, by what another one found there. */
const said = (lines: string[], later: string[]): string =>
    brokenOff("root@hub:22", { exitCode: 0, stdout: "", stderr: "" }, lines, later).message;

test("a change that was killed tells what was done about it at once", () => {
    const message = said(["step commit"], ["step undo an interrupted change", "result recovered"]);
    assert.match(message, /ended without a result/);
    assert.match(message, /The host was put in order \(undo an interrupted change\)\. The next `pulumi up`/);
});

test("nothing was to be put in order, or nobody could be asked: nothing is said of it", () => {
    for (const later of [["result recovered"], ["result busy"], []]) {
        const message = said(["step check the new configuration"], later);
        assert.doesNotMatch(message, /put in order|BROKEN/);
        assert.match(message, /The next `pulumi up` finds out what stands on the host/);
    }
});

test("a host that does not come back is called broken, with the cause and the one command", () => {
    const message = said(
        ["step commit"],
        [
            "step undo an interrupted change",
            "failed see that Postfix works: Postfix does not run",
            "result broken systemctl restart postfix",
        ],
    );
    assert.match(message, /Postfix does not run/);
    assert.match(message, /THE HOST IS BROKEN: .* Run there: systemctl restart postfix$/);
    assert.doesNotMatch(message, /put in order/);
});
