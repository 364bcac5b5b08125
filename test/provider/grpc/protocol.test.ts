import assert from "node:assert/strict";
import { test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import {
    CallRequest,
    CheckRequest,
    ConfigureRequest,
    ConstructRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    GetSchemaRequest,
    PropertyDiff,
    ProviderHandshakeRequest,
    ReadRequest,
    UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { CreateRequest as Create, ReadResult } from "../../../provider/resource";
import { type PropertyMap, Secret, unknown } from "../../../provider/values";
import { secretKey, secretMark, secretOf, struct, unknownMark, urn, withProvider } from "./harness";

test("the engine is told that secrets and previews are understood", () =>
    withProvider({}, async ({ call }) => {
        const configured = await call("configure", new ConfigureRequest());
        assert.equal(configured.getAcceptsecrets(), true);
        assert.equal(configured.getSupportspreview(), true);
        assert.equal(configured.getAcceptresources(), false);
        assert.equal(configured.getAcceptoutputs(), true);
        const shaken = await call("handshake", new ProviderHandshakeRequest());
        assert.equal(shaken.getAcceptSecrets(), true);
        assert.equal(shaken.getAcceptOutputs(), true);
        assert.equal((await call("getPluginInfo", new Empty())).getVersion(), "1.2.3");
        assert.equal((await call("getSchema", new GetSchemaRequest())).getSchema(), '{"name":"postfix"}');
    }));

test("the provider's own configuration goes back as it came", () =>
    withProvider({}, async ({ call }) => {
        const news = { version: "1.2.3", token: secretOf("x") };
        const checked = await call("checkConfig", new CheckRequest().setNews(struct(news)));
        assert.deepEqual(checked.getInputs()?.toJavaScript(), news);
        const diff = await call("diffConfig", new DiffRequest().setNews(struct(news)));
        assert.equal(diff.getChanges(), DiffResponse.DiffChanges.DIFF_NONE);
    }));

test("create gets secrets as secrets and gives them back as secrets", async () => {
    let got: Create | undefined;
    await withProvider(
        {
            create: async (request) => {
                got = request;
                return { id: "hub-00112233/0011223344556677", outputs: { ...request.news, generation: "g" } };
            },
        },
        async ({ call }) => {
            const inputs = { pw: secretOf({ deep: ["x", null, true, 1.5] }), plain: "y" };
            const request = new CreateRequest().setUrn(urn).setProperties(struct(inputs)).setTimeout(90);
            const created = await call("create", request);
            assert.equal(created.getId(), "hub-00112233/0011223344556677");
            assert.deepEqual(created.getProperties()?.toJavaScript(), { ...inputs, generation: "g" });
        },
    );
    assert.deepEqual(got?.news, { pw: new Secret({ deep: ["x", null, true, 1.5] }), plain: "y" });
    assert.equal(got?.name, "alice::x");
    assert.equal(got?.urn, urn);
    assert.equal(got?.preview, false);
    assert.equal(got?.timeoutSeconds, 90);
});

test("a preview says so, and may hold unknowns of every type", async () => {
    let got: Create | undefined;
    await withProvider(
        {
            create: async (request) => {
                got = request;
                return { id: "", outputs: { ...request.news, generation: unknown } };
            },
        },
        async ({ call }) => {
            const inputs = {
                text: unknownMark,
                flag: "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
                secret: secretOf(unknownMark),
                output: { [secretKey]: "d0e6a833031e9bbcd3f4e8bde6ca49a4", secret: true, dependencies: [] },
            };
            const request = new CreateRequest().setUrn(urn).setProperties(struct(inputs)).setPreview(true);
            const created = await call("create", request);
            assert.deepEqual(created.getProperties()?.toJavaScript(), {
                text: unknownMark,
                flag: unknownMark,
                secret: secretOf(unknownMark),
                output: secretOf(unknownMark),
                generation: unknownMark,
            });
        },
    );
    assert.equal(got?.preview, true);
    assert.equal(got?.timeoutSeconds, undefined);
    assert.deepEqual(got?.news, {
        text: unknown,
        flag: unknown,
        secret: new Secret(unknown),
        output: new Secret(unknown),
    });
});

test("an unknown outside of a preview stops the change before anything is touched", () =>
    withProvider({}, async ({ call }) => {
        const news = struct({
            main: { relayhost: unknownMark },
            services: { "587/inet": secretOf(unknownMark) },
        });
        const refusals = [
            call("create", new CreateRequest().setUrn(urn).setProperties(news)),
            call("update", new UpdateRequest().setUrn(urn).setId("i").setNews(news)),
        ];
        for (const refusal of refusals) {
            await assert.rejects(refusal, (error: grpc.ServiceError) => {
                assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
                assert.match(error.details, /^main\.relayhost: has no value/m);
                assert.match(error.details, /^services\["587\/inet"\]: has no value/m);
                return true;
            });
        }
    }));

test("check hands back inputs and every failure, with the path where the engine prints no value", () =>
    withProvider(
        {
            check: async ({ oldInputs, news }) => ({
                inputs: { ...news, before: oldInputs.a ?? null },
                failures: [
                    { path: "connection.hostKey", reason: "is missing" },
                    { path: "", reason: "is no good" },
                ],
            }),
        },
        async ({ call }) => {
            const request = new CheckRequest()
                .setUrn(urn)
                .setOlds(struct({ a: 1 }))
                .setNews(struct({ a: 2 }));
            const checked = await call("check", request);
            assert.deepEqual(checked.getInputs()?.toJavaScript(), { a: 2, before: 1 });
            assert.deepEqual(
                checked.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()]),
                [
                    ["", "connection.hostKey: is missing"],
                    ["", "is no good"],
                ],
            );
        },
    ));

test("diff names each setting with its kind", () =>
    withProvider(
        {
            diff: async ({ id, olds, oldInputs, news }) => {
                assert.deepEqual([id, olds, oldInputs, news], ["i", { a: 1 }, { a: 2 }, { a: 3 }]);
                return {
                    changes: true,
                    detailed: {
                        'services["587/inet"].options.x': "add",
                        "main.relayhost": "update",
                        "main.other": "delete",
                        role: "updateReplace",
                    },
                    replaces: ["role"],
                    deleteBeforeReplace: false,
                };
            },
        },
        async ({ call }) => {
            const diff = await call(
                "diff",
                new DiffRequest()
                    .setUrn(urn)
                    .setId("i")
                    .setOlds(struct({ a: 1 }))
                    .setOldInputs(struct({ a: 2 }))
                    .setNews(struct({ a: 3 })),
            );
            assert.equal(diff.getChanges(), DiffResponse.DiffChanges.DIFF_SOME);
            assert.equal(diff.getHasdetaileddiff(), true);
            assert.equal(diff.getDeletebeforereplace(), false);
            assert.deepEqual(diff.getReplacesList(), ["role"]);
            assert.deepEqual(diff.getDiffsList(), ["services", "main", "role"]);
            const { Kind } = PropertyDiff;
            const kinds = new Map<string, number>();
            diff.getDetaileddiffMap().forEach((value, path) => {
                kinds.set(path, value.getKind());
            });
            assert.deepEqual([...kinds].sort(), [
                ["main.other", Kind.DELETE],
                ["main.relayhost", Kind.UPDATE],
                ["role", Kind.UPDATE_REPLACE],
                ['services["587/inet"].options.x', Kind.ADD],
            ]);
        },
    ));

test("no difference is said in so many words", () =>
    withProvider(
        { diff: async () => ({ changes: false, detailed: {}, replaces: [], deleteBeforeReplace: false }) },
        async ({ call }) => {
            const diff = await call("diff", new DiffRequest().setUrn(urn));
            assert.equal(diff.getChanges(), DiffResponse.DiffChanges.DIFF_NONE);
            assert.equal(diff.getHasdetaileddiff(), true);
        },
    ));

test("read gives outputs and inputs, or nothing for what is gone", async () => {
    let gone = false;
    await withProvider(
        {
            read: async ({ id, olds, oldInputs }): Promise<ReadResult> => {
                if (gone) return { id: "", outputs: { left: "over" }, inputs: {} };
                return { id, outputs: { ...olds, drift: 1 }, inputs: { ...oldInputs, drift: 2 } };
            },
        },
        async ({ call }) => {
            const request = new ReadRequest().setUrn(urn).setId("i");
            request.setProperties(struct({ pw: secretOf("x") })).setInputs(struct({ pw: secretOf("y") }));
            const there = await call("read", request);
            assert.equal(there.getId(), "i");
            assert.deepEqual(there.getProperties()?.toJavaScript(), { pw: secretOf("x"), drift: 1 });
            assert.deepEqual(there.getInputs()?.toJavaScript(), { pw: secretOf("y"), drift: 2 });
            gone = true;
            const left = await call("read", request);
            assert.equal(left.getId(), "");
            assert.equal(left.hasProperties(), false);
        },
    );
});

test("update and delete get what the state has", async () => {
    const seen: PropertyMap[] = [];
    await withProvider(
        {
            update: async ({ id, olds, oldInputs, news, preview }) => {
                seen.push({ id, olds, oldInputs, news, preview });
                return { outputs: news };
            },
            delete: async ({ id, olds, oldInputs }) => {
                seen.push({ id, olds, oldInputs });
            },
        },
        async ({ call }) => {
            const request = new UpdateRequest().setUrn(urn).setId("i").setPreview(true);
            request
                .setOlds(struct({ a: 1 }))
                .setOldInputs(struct({ a: 2 }))
                .setNews(struct({ a: 3 }));
            const updated = await call("update", request);
            assert.deepEqual(updated.getProperties()?.toJavaScript(), { a: 3 });
            await call(
                "delete",
                new DeleteRequest()
                    .setUrn(urn)
                    .setId("i")
                    .setProperties(struct({ pw: secretOf("x") }))
                    .setOldInputs(struct({ a: 2 })),
            );
        },
    );
    assert.deepEqual(seen, [
        { id: "i", olds: { a: 1 }, oldInputs: { a: 2 }, news: { a: 3 }, preview: true },
        { id: "i", olds: { pw: new Secret("x") }, oldInputs: { a: 2 } },
    ]);
});

/** What the engine finds in the trailer of a failed call. */
test("a resource, component or function that is not ours is refused by name", () =>
    withProvider({}, async ({ call }) => {
        const other = urn.replace("$postfix:index:Host", "$postfix:index:Other");
        await assert.rejects(call("check", new CheckRequest().setUrn(other)), {
            code: grpc.status.INVALID_ARGUMENT,
            details: "pulumi-postfix has no resource postfix:index:Other, only postfix:index:Host",
        });
        const construct = new ConstructRequest().setType("postfix:index:Fleet");
        await assert.rejects(call("construct", construct), {
            code: grpc.status.INVALID_ARGUMENT,
            details: /^postfix:index:Fleet is for TypeScript programs; other languages have /,
        });
        await assert.rejects(call("call", new CallRequest().setTok("postfix:index:f")), {
            code: grpc.status.UNIMPLEMENTED,
            details: "pulumi-postfix has no function postfix:index:f",
        });
    }));

test("no marker of the wire stays in what the logic sees", async () => {
    await withProvider(
        {
            create: async ({ news }) => {
                assert.ok(!JSON.stringify(news).includes(secretMark));
                return { id: "i", outputs: {} };
            },
        },
        async ({ call }) => {
            const inputs = { list: [secretOf("x"), { inner: secretOf(secretOf("y")) }] };
            await call("create", new CreateRequest().setUrn(urn).setProperties(struct(inputs)));
        },
    );
});
