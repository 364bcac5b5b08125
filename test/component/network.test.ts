import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./harness";
import { hubArgs, laptopArgs } from "./machines";

test("a laptop sends its queue when the network is back, unless it is told not to; a hub does nothing of it", async () => {
    const laptop = (more: { flushOnNetwork?: boolean }) =>
        run(({ SmartHost, RoadWarrior }) => {
            const hub = new SmartHost("hub", hubArgs);
            new RoadWarrior("alice", { ...laptopArgs(hub, "192.0.2.101"), ...more });
        });
    const flush = { NetworkManager: "flush", "networkd-dispatcher": "flush", ifupdown: "flush" };
    for (const more of [{}, { flushOnNetwork: true }]) {
        const { engine } = await laptop(more);
        assert.deepEqual(engine.host("alice").inputs.networkHooks, flush);
        assert.equal(engine.host("hub").inputs.networkHooks, undefined);
    }
    const { engine } = await laptop({ flushOnNetwork: false });
    assert.equal(engine.host("alice").inputs.networkHooks, undefined);
});
