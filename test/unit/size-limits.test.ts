import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeLimitFaults } from "../../postfix/size-limits";

const faults = (mainCf: string) => sizeLimitFaults(mainCf).length;

test("a message that no mailbox may hold is told, for each agent that would not start", () => {
    assert.deepEqual(sizeLimitFaults("message_size_limit = 60000000\n"), [
        'message_size_limit would be 60000000 and mailbox_size_limit only 51200000, with which local(8) does not start: raise mailbox_size_limit too ("0": no limit)',
    ]);
    assert.equal(faults("message_size_limit = 0\n"), 1);
    assert.equal(faults("message_size_limit = 0\nvirtual_mailbox_maps = hash:/x\n"), 2);
    assert.equal(faults("mailbox_size_limit = 1000\n"), 1);
});

test("what Postfix starts with is left alone: defaults, no limit, equal ones, values that it alone can read", () => {
    assert.equal(faults(""), 0);
    assert.equal(faults("message_size_limit = 51200000\n"), 0);
    assert.equal(faults("message_size_limit = 0\nmailbox_size_limit = 0\n"), 0);
    assert.equal(faults("message_size_limit = $my_limit\n"), 0);
});
