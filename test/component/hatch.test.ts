import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { withHatch } from "../../components/hatch";
import { forget, promiseOf, run } from "./harness";
import { hubArgs, laptopArgs } from "./machines";

test("services and tables of one's own stand beside those of the resource", async () => {
    const services = { "465/inet": { command: "smtpd", options: { smtpd_tls_wrappermode: "yes" } } };
    const tables = { rewritten: { entries: { a: "b" } } };
    const { engine } = await run(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", {
            ...hubArgs,
            services: { ...services, "slow/unix": { command: "smtp", process_limit: "1" } },
            allowUnknown: true,
            exclusive: false,
        });
        new RoadWarrior("alice", {
            ...laptopArgs(hub, "192.0.2.101"),
            tables,
            settings: { smtp_generic_maps: "@{rewritten}" },
            exclusive: true,
        });
    });
    const hub = engine.host("hub").inputs;
    const its = hub.services as Record<string, unknown>;
    assert.deepEqual(Object.keys(its).sort(), ["465/inet", "587/inet", "slow/unix"]);
    assert.deepEqual(its["465/inet"], services["465/inet"]);
    assert.deepEqual(its["slow/unix"], { command: "smtp", options: {}, process_limit: "1" });
    assert.deepEqual([hub.allowUnknown, hub.exclusive], [true, undefined]);
    const alice = engine.host("alice").inputs;
    assert.deepEqual([alice.tables, alice.exclusive, alice.allowUnknown], [tables, true, undefined]);
    assert.equal((alice.main as Record<string, string>).smtp_generic_maps, "@{rewritten}");
});

test("what the resource has itself is refused before anything is made of it", async () => {
    const wrong = {
        services: { "submission/inet": { command: "smtpd" } },
        tables: { identity: { entries: {} } },
    };
    await assert.rejects(
        run(({ SmartHost }) => {
            new SmartHost("hub", { ...hubArgs, ...wrong });
        }),
        /services\["submission\/inet"\]: is set by this resource itself[\s\S]*tables\.identity: is the name of a file/,
    );
});

test("tables of the resource that come later are joined when they are there", async () => {
    const own = { tables: pulumi.output({ policy: { entries: { a: "b" } } }) };
    const { tables } = withHatch({ tables: { generic: { text: "x y" } } }, own);
    assert.deepEqual(await promiseOf(pulumi.output(tables)), {
        generic: { text: "x y" },
        policy: { entries: { a: "b" } },
    });
});

test("a transform reaches services and tables too", async () => {
    const { engine } = await run(({ SmartHost }) => {
        new SmartHost("hub", hubArgs, {
            transform: {
                host: (args) => {
                    args.tables = { more: { text: "a b" } };
                    args.services = {
                        ...(args.services as object),
                        "x/unix": { command: "smtp", options: {} },
                    };
                    args.allowUnknown = true;
                },
            },
        });
    });
    const { tables, services, allowUnknown } = engine.host("hub").inputs;
    assert.deepEqual(tables, { more: { text: "a b" } });
    assert.deepEqual(Object.keys(services as object), ["587/inet", "x/unix"]);
    assert.equal(allowUnknown, true);
});

test("a laptop's own lines for outbound mail yield to the user's, unless the chroot was spoken of", async () => {
    const services = { "smtp/unix": { command: "smtp", process_limit: "7" } };
    const { engine } = await run(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", hubArgs);
        new RoadWarrior("alice", { ...laptopArgs(hub, "192.0.2.101"), services });
    });
    const its = engine.host("alice").inputs.services as Record<string, unknown>;
    assert.deepEqual(its["smtp/unix"], { command: "smtp", options: {}, process_limit: "7" });
    assert.deepEqual(Object.keys(its).sort(), ["relay/unix", "smtp/unix"]);
    const both = run(({ SmartHost, RoadWarrior }) => {
        const hub = new SmartHost("hub", hubArgs);
        new RoadWarrior("alice", { ...laptopArgs(hub, "192.0.2.101"), services, chroot: false });
    });
    await assert.rejects(both, /services\["smtp\/unix"\]: is set by this resource itself/);
    forget();
});
