import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { RoadWarriorArgs, SmartHostArgs } from "../../components";
import { type LaptopMail, laptopMailMain, laptopMailTables } from "../../postfix/roles/laptop-mail";
import { run, unknown } from "./harness";
import { hubArgs, laptopArgs } from "./machines";

const laptop = (more: Partial<RoadWarriorArgs>, hub: Partial<SmartHostArgs> = {}) =>
    run(({ SmartHost, RoadWarrior }) => {
        const smartHost = new SmartHost("hub", { ...hubArgs, ...hub });
        return new RoadWarrior("alice", { ...laptopArgs(smartHost, "192.0.2.101"), ...more });
    });

const mail = {
    queueLifetime: "30d",
    delayWarningTime: "0h",
    inetInterfaces: "127.0.0.1",
    mydestination: ["localhost"],
    myorigin: "example.com",
    rootMail: "admin@example.com",
    genericAddresses: { alice: "alice.cooper@example.com" },
} satisfies LaptopMail;

const part = (whole: unknown, names: string[]) =>
    Object.fromEntries(names.map((name) => [name, (whole as Record<string, unknown>)[name]]));

test("a laptop's Host has what was said of its mail, plain or as outputs", async () => {
    const later = {
        ...mail,
        rootMail: pulumi.output(mail.rootMail),
        mydestination: pulumi.output(mail.mydestination),
        genericAddresses: { alice: pulumi.output(mail.genericAddresses.alice) },
    };
    for (const args of [mail, later]) {
        const { engine } = await laptop(args);
        const { inputs } = engine.host("alice");
        const wanted = laptopMailMain(mail);
        assert.deepEqual(part(inputs.main, Object.keys(wanted)), wanted);
        assert.deepEqual(inputs.tables, laptopMailTables(mail));
    }
});

test("a value that a preview does not know hides no parameter", async () => {
    const { engine } = await run(
        ({ SmartHost, RoadWarrior }) => {
            const hub = new SmartHost("hub", hubArgs);
            // Known once the certificate is made.
            const rootMail = hub.certificateExpiry;
            return new RoadWarrior("alice", { ...laptopArgs(hub, "192.0.2.101"), rootMail });
        },
        { preview: true },
    );
    const main = engine.host("alice").inputs.main as Record<string, unknown>;
    assert.equal(main.virtual_alias_maps, unknown);
    assert.ok("maximal_queue_lifetime" in main);
});

test("the chroot is a word about two lines of master.cf", async () => {
    for (const [chroot, column] of [
        [undefined, "n"],
        [true, "y"],
    ] as const) {
        const { engine } = await laptop({ chroot });
        const services = engine.host("alice").inputs.services as Record<string, { chroot: string }>;
        assert.deepEqual(
            Object.entries(services)
                .sort()
                .map(([name, service]) => [name, service.chroot]),
            [
                ["relay/unix", column],
                ["smtp/unix", column],
            ],
        );
    }
});

test("hub and laptop are told over which protocols to talk, where it is said", async () => {
    const { engine } = await laptop({ inetProtocols: "ipv4" }, { inetProtocols: "all" });
    const protocols = (name: string) =>
        (engine.host(name).inputs.main as Record<string, string>).inet_protocols;
    assert.equal(protocols("alice"), "ipv4");
    assert.equal(protocols("hub"), "all");
    const silent = await laptop({});
    assert.ok(!("inet_protocols" in (silent.engine.host("alice").inputs.main as object)));
});
