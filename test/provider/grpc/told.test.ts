import assert from "node:assert/strict";
import { test } from "node:test";
import type * as grpc from "@grpc/grpc-js";
import {
    CheckRequest,
    CreateRequest,
    ErrorResourceInitFailed,
    UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { PartialFailure } from "../../../provider/resource";
import { secretOf, struct, urn, withProvider } from "./harness";

test("an escape code of a host reaches no terminal: not by a failure, a warning, a line of progress or a reason", () => {
    const evil = "root@hub: \x1b]0;owned\x07\x1b[2Jall\rgood\u202e";
    const told = "root@hub: \\x1b]0;owned\\x07\\x1b[2Jall\\x0dgood\\u{202e}";
    return withProvider(
        {
            check: async () => ({ inputs: {}, failures: [{ path: "main.x", reason: evil }] }),
            create: async (request) => {
                request.progress(evil);
                request.info(evil);
                request.warn(evil);
                throw new Error(evil);
            },
            update: async () => {
                throw new PartialFailure({ outputs: {}, reasons: [evil] });
            },
        },
        async ({ call }, engine) => {
            const checked = await call("check", new CheckRequest().setUrn(urn));
            assert.equal(checked.getFailuresList()[0]?.getReason(), `main.x: ${told}`);
            await assert.rejects(call("create", new CreateRequest().setUrn(urn)), { details: told });
            assert.deepEqual(
                engine.lines.map(({ message }) => message),
                [told, told, told],
            );
            const update = new UpdateRequest().setUrn(urn).setId("i");
            await assert.rejects(call("update", update), { details: told });
        },
    );
});

test("in a long run each line of progress says how many are done, apart in preview and change", () =>
    withProvider(
        {
            create: async (request) => {
                // Who says nothing has nothing to do with a host.
                if (!request.name.endsWith("idle"))
                    request.progress(request.preview ? "looking" : "changing");
                return { id: "i", outputs: {} };
            },
        },
        async ({ call }, engine) => {
            const create = (name: string, preview: boolean) =>
                call("create", new CreateRequest().setUrn(urn.replace(/[^:]*$/, name)).setPreview(preview));
            for (let laptop = 1; laptop <= 10; laptop++) await create(`laptop${laptop}`, true);
            await create("idle", true);
            await create("laptop1", false);
            const lines = engine.lines.map(({ message }) => message);
            assert.deepEqual(lines.slice(0, 9), Array(9).fill("looking"));
            assert.deepEqual(lines.slice(9), ["looking (9 done, 1 at work)", "changing"]);
        },
    ));

test("a host that speaks without an end is cut short", () =>
    withProvider(
        {
            create: async (request) => {
                for (let count = 0; count < 100_000; count++) request.progress(`step ${count}`);
                throw new Error("x".repeat(10_000_000));
            },
            update: async (request) => {
                for (let count = 0; count < 100_000; count++) request.info(`note ${count}`);
                return { outputs: {} };
            },
        },
        async ({ call }, engine) => {
            await assert.rejects(
                call("create", new CreateRequest().setUrn(urn)),
                (error: grpc.ServiceError) => {
                    assert.match(error.details, /^x+… \(9983616 more characters\)$/);
                    return true;
                },
            );
            assert.equal(engine.lines.length, 100);
            await call("update", new UpdateRequest().setUrn(urn).setId("i"));
            assert.equal(engine.lines.length, 601);
            assert.equal(engine.lines.at(-1)?.message, "and more, too much to be shown");
        },
    ));

test("nothing that is said about a request holds a secret of it, but a machine keeps its name", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----\n";
    const news = {
        main: { x: secretOf('open "sesame"'), y: "plain" },
        chains: secretOf({ identity: [{ privateKey: key }] }),
        connection: secretOf({ host: "hub.example.com", user: "root", password: "hunter2" }),
    };
    const told =
        'open "sesame", "open \\"sesame\\"", plain, MIGHAgEAMBMGByqGSM49AgEG, root@hub.example.com, hunter2';
    const masked = '***, "***", plain, ***, root@hub.example.com, ***';
    return withProvider(
        {
            check: async () => ({ inputs: {}, failures: [{ path: "main.x", reason: told }] }),
            create: async (request) => {
                request.info(told);
                throw new Error(told);
            },
            update: async () => {
                throw new PartialFailure({ outputs: { kept: told }, reasons: [told] });
            },
        },
        async ({ call }, engine) => {
            const checked = await call("check", new CheckRequest().setUrn(urn).setNews(struct(news)));
            assert.equal(checked.getFailuresList()[0]?.getReason(), `main.x: ${masked}`);
            const create = new CreateRequest().setUrn(urn).setProperties(struct(news));
            await assert.rejects(call("create", create), { details: masked });
            assert.deepEqual(
                engine.lines.map(({ message }) => message),
                [masked],
            );
            const update = new UpdateRequest().setUrn(urn).setId("i").setOlds(struct(news));
            await assert.rejects(call("update", update), (error: grpc.ServiceError) => {
                assert.equal(error.details, masked);
                const [trailer] = error.metadata.get("grpc-status-details-bin");
                const status = Status.deserializeBinary(trailer as Buffer);
                const any = status.getDetailsList()[0]?.getValue_asU8() ?? new Uint8Array();
                const failure = ErrorResourceInitFailed.deserializeBinary(any);
                assert.deepEqual(failure.getReasonsList(), [masked]);
                // What goes into the state is data, which the logic has marked itself.
                assert.deepEqual(failure.getProperties()?.toJavaScript(), { kept: told });
                return true;
            });
        },
    );
});
