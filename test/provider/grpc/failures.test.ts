import assert from "node:assert/strict";
import { test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import {
    CreateRequest,
    DeleteRequest,
    ErrorResourceInitFailed,
    UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { UserError } from "../../../provider/errors";
import { PartialFailure } from "../../../provider/resource";
import { Secret } from "../../../provider/values";
import { secretOf, struct, urn, withProvider } from "./harness";

function partialFailureOf(error: grpc.ServiceError): ErrorResourceInitFailed {
    const [trailer] = error.metadata.get("grpc-status-details-bin");
    assert.ok(trailer instanceof Buffer, "no details");
    const status = Status.deserializeBinary(new Uint8Array(trailer));
    assert.equal(status.getCode(), error.code);
    const [any] = status.getDetailsList();
    assert.equal(any?.getTypeUrl(), "type.googleapis.com/pulumirpc.ErrorResourceInitFailed");
    return ErrorResourceInitFailed.deserializeBinary(any?.getValue_asU8() ?? new Uint8Array());
}

test("a failure behind the commit carries what the host has", () =>
    withProvider(
        {
            create: async () => {
                throw new PartialFailure({
                    id: "new",
                    outputs: { pw: new Secret("x") },
                    inputs: { a: 1 },
                    reasons: ["the hub serves another key", "and more"],
                });
            },
            update: async () => {
                throw new PartialFailure({ outputs: { a: 2 }, reasons: ["no"] });
            },
        },
        async ({ call }) => {
            await assert.rejects(
                call("create", new CreateRequest().setUrn(urn)),
                (error: grpc.ServiceError) => {
                    const details = partialFailureOf(error);
                    assert.equal(details.getId(), "new");
                    assert.deepEqual(details.getProperties()?.toJavaScript(), { pw: secretOf("x") });
                    assert.deepEqual(details.getInputs()?.toJavaScript(), { a: 1 });
                    assert.deepEqual(details.getReasonsList(), ["the hub serves another key", "and more"]);
                    assert.equal(error.details, "the hub serves another key\nand more");
                    return true;
                },
            );
            const update = new UpdateRequest().setUrn(urn).setId("old");
            await assert.rejects(call("update", update), (error: grpc.ServiceError) => {
                const details = partialFailureOf(error);
                assert.equal(details.getId(), "old");
                assert.equal(details.hasInputs(), false);
                return true;
            });
        },
    ));

test("a failed create without an id is a plain error: nobody could address what the engine would store", () =>
    withProvider(
        {
            create: async () => {
                throw new PartialFailure({ outputs: {}, reasons: ["no"] });
            },
        },
        async ({ call }) => {
            await assert.rejects(
                call("create", new CreateRequest().setUrn(urn)),
                (error: grpc.ServiceError) => {
                    assert.deepEqual(error.metadata.get("grpc-status-details-bin"), []);
                    return true;
                },
            );
        },
    ));

test("errors are what a person can read, without a stack", () =>
    withProvider(
        {
            create: async () => {
                throw new Error("root@hub:22: connect: refused\n  | last words — ü");
            },
            update: async () => {
                throw new UserError([{ path: "main.x", reason: "is wrong" }]);
            },
            delete: async () => {
                (undefined as unknown as { x(): void }).x();
            },
        },
        async ({ call }, engine) => {
            await assert.rejects(call("create", new CreateRequest().setUrn(urn)), {
                code: grpc.status.UNKNOWN,
                details: "root@hub:22: connect: refused\n  | last words — ü",
            });
            await assert.rejects(call("update", new UpdateRequest().setUrn(urn).setId("i")), {
                code: grpc.status.INVALID_ARGUMENT,
                details: "main.x: is wrong",
            });
            await assert.rejects(
                call("delete", new DeleteRequest().setUrn(urn).setId("i")),
                (error: grpc.ServiceError) => {
                    assert.match(
                        error.details,
                        /^internal error of pulumi-postfix, please report it: Cannot read/,
                    );
                    assert.ok(!error.details.includes("\n"));
                    return true;
                },
            );
            await new Promise((resolve) => setTimeout(resolve, 100));
            const [debug, ...others] = engine.lines;
            assert.match(debug?.message ?? "", /TypeError.*\n +at /);
            assert.equal(debug?.severity, 0);
            assert.deepEqual(others, []);
        },
    ));

test("a state far above gRPC's 4 MB goes through, also in the details of a failure", async () => {
    const large = "x".repeat(6_000_000);
    await withProvider(
        {
            create: async ({ news }) => ({ id: "i", outputs: news }),
            update: async ({ news }) => {
                throw new PartialFailure({ outputs: news, reasons: ["no"] });
            },
        },
        async ({ call }) => {
            const request = new CreateRequest().setUrn(urn).setProperties(struct({ large }));
            const created = await call("create", request);
            assert.equal(created.getProperties()?.toJavaScript().large, large);
            // Failures travel as a header: 64 KB is where Node's sender stops by itself, 128 KB what its receiver
            // takes of one (the engine takes 16 MB).
            const state = struct({ large: "y".repeat(60_000) });
            await assert.rejects(
                call("update", new UpdateRequest().setUrn(urn).setId("i").setNews(state)),
                (error: grpc.ServiceError) => {
                    assert.deepEqual(
                        partialFailureOf(error).getProperties()?.toJavaScript(),
                        state.toJavaScript(),
                    );
                    return true;
                },
            );
        },
    );
});
