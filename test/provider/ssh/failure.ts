import assert from "node:assert/strict";
import { RemoteError } from "../../../provider/errors";

/** The error that a promise must end with. */
export async function failure(promise: Promise<unknown>): Promise<RemoteError> {
    const error: unknown = await promise.then(
        () => assert.fail("it went through"),
        (reason: unknown) => reason,
    );
    assert.ok(error instanceof RemoteError, String(error));
    return error;
}
