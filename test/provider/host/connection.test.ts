import assert from "node:assert/strict";
import { test } from "node:test";
import { OnUnreachable } from "../../../postfix/words";
import { RemoteError, type RemoteErrorKind } from "../../../provider/errors";
import { mailDomain } from "../../../provider/host/apply";
import { mayBeAsleep } from "../../../provider/host/connection";
import { laptop } from "./fixtures";

const failed = (kind: RemoteErrorKind, step: string) => new RemoteError({ host: "alice", kind, step });

test("only a machine that does not answer may be asleep, and only where sleep is allowed for", () => {
    const sleeper = laptop({ onUnreachable: OnUnreachable.Pending });
    assert.ok(mayBeAsleep(sleeper, failed("unreachable", "connect")));
    assert.ok(!mayBeAsleep(laptop(), failed("unreachable", "connect")));
    assert.ok(!mayBeAsleep(sleeper, failed("authentication", "connect")));
    // The line broke in the middle of a change: what stands there is not known, and nothing is pending.
    assert.ok(!mayBeAsleep(sleeper, failed("unreachable", "change the configuration")));
});

test("a hub that is named by its address is asked for as smtp(8) takes it", () => {
    assert.equal(mailDomain("mailhub.example.com"), "mailhub.example.com");
    assert.equal(mailDomain("192.0.2.25"), "[192.0.2.25]");
});
