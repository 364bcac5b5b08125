import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostFacts, Listener } from "../../../provider/host/facts";
import { planChange } from "../../../provider/host/plan";
import { factsOf, hub, ids, laptop, stockMaster, target } from "./fixtures";

const foreign = (port: number, address: string): Listener => ({ port, address, pid: "77", command: "exim4" });
const stopped = (listener: Listener, more: Partial<HostFacts> = {}) =>
    factsOf({ running: false, masterPid: "", listeners: [listener], ...more });
const problemsOf = (inputs: Parameters<typeof planChange>[0], facts: HostFacts, id = ids.alice) =>
    planChange(inputs, facts, target(id)).problems.map(({ path, reason }) => `${path}: ${reason}`);

const addresses: [name: string, address: string, taken: boolean][] = [
    ["all addresses", "00000000", true],
    ["all addresses of IPv6", "0".repeat(32), true],
    ["127.0.0.1", "0100007F", true],
    ["127.0.1.1", "0101007F", true],
    ["::1", `${"0".repeat(24)}01000000`, true],
    ["another address", "01004D0A", false],
];
for (const [name, address, taken] of addresses) {
    test(`a stopped laptop's port 25 with a foreign listener on ${name}: ${taken ? "refused" : "free"}`, () => {
        const found = problemsOf(laptop(), stopped(foreign(25, address)));
        if (!taken) assert.deepEqual(found, []);
        else {
            assert.equal(found.length, 1);
            assert.match(
                found[0] ?? "",
                /^services: port 25, which "smtp\/inet" in master\.cf serves, is taken on this host by exim4 \(process 77\)/,
            );
        }
    });
}

test("a stopped hub listens on all addresses, so any listener on its port is in the way", () => {
    const facts = stopped(foreign(25, "01004D0A"));
    assert.equal(problemsOf(hub(), facts, ids.hub).length, 1);
    const own = problemsOf(hub(), stopped(foreign(587, "00000000")), ids.hub);
    assert.equal(own.length, 1);
    assert.match(own[0] ?? "", /^services\["587\/inet"\]: port 587 is taken/);
});

test("a service bound to one address minds that one", () => {
    const masterCf = `${stockMaster}127.0.0.1:10025 inet n - n - - smtpd\n`;
    const at = (address: string) =>
        problemsOf(hub(), stopped(foreign(10025, address), { masterCf }), ids.hub);
    assert.equal(at("0100007F").length, 1);
    assert.deepEqual(at("01004D0A"), []);
});

test("where Postfix runs its own ports are its own, and a port that nobody wants is free", () => {
    const running = factsOf({
        listeners: [{ port: 25, address: "00000000", pid: "100", command: "master" }],
    });
    assert.deepEqual(problemsOf(laptop(), running), []);
    assert.deepEqual(problemsOf(laptop(), stopped(foreign(26, "00000000"))), []);
});

test("another mail server's sendmail leads a laptop's mail past the pin; a hub's own is not looked at", () => {
    const facts = factsOf({ foreignSendmail: "/usr/sbin/sendmail" });
    const found = problemsOf(laptop(), facts);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", /\/usr\/sbin\/sendmail on this host is not Postfix's: .*past the pin/);
    assert.deepEqual(problemsOf(hub(), facts, ids.hub), []);
});
