import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { FleetStacks, grantedKeys } from "./fleet-stacks";
import {
    configuration,
    connection,
    eventually,
    lab,
    labHost,
    labInfo,
    litter,
    mailWith,
    on,
    send,
} from "./lab";
import { succeeds } from "./stack";

/** Four fleets of two laptops each, whose stacks run beside each other as processes of their own. */
const fleets = ["berlin", "field", "lisbon", "oslo"] as const;
type Fleet = (typeof fleets)[number];
const laptopsOf: Record<Fleet, string[]> = {
    berlin: ["laptop1", "laptop5"],
    field: ["laptop2", "laptop6"],
    lisbon: ["laptop3", "laptop7"],
    oslo: ["laptop4", "laptop8"],
};
const first = fleets.flatMap((fleet) => laptopsOf[fleet]);
const all = [...first, "laptop9"];
const originals = new Map<string, string>();
let stacks: FleetStacks;

/** The stack of a fleet, and what its next run makes. */
function fleet(name: Fleet, laptops: string[], args: Record<string, unknown> = {}) {
    const machines = laptops.map((laptop) => [laptop, { connection: connection(laptop), ...args }]);
    return stacks.want(name, {
        laptops: Object.fromEntries(machines),
        grantOn: { connection: connection("hub") },
    });
}

/** Keys that the hub relays for, and those of the laptops that the stacks know. */
const granted = (): string[] => on("hub", grantedKeys).split("\n").filter(Boolean);
async function keysOf(...names: Fleet[]): Promise<string[]> {
    const keys = await Promise.all(
        names.map(async (name) => {
            const { identities } = await stacks.stack(name).outputs();
            return (identities as { pins: string[] }[]).flatMap(({ pins }) => pins);
        }),
    );
    return keys.flat().sort();
}

async function allRelayed(laptops: string[], about: string): Promise<void> {
    for (const laptop of laptops) send(laptop, `${about}-${laptop}`, "alice@example.net");
    for (const laptop of laptops) {
        const mail = await eventually(`the mail of ${laptop} is relayed`, () =>
            mailWith("outside", `${about}-${laptop}`),
        );
        assert.match(mail, /by mailhub\.example\.com .*with ESMTPS/s);
    }
}

before(async () => {
    for (const index of [4, 5, 6, 7, 8, 9]) lab("add", `laptop${index}`, `10.77.12.${index}`);
    for (const host of ["hub", ...all]) originals.set(host, configuration(host));
    stacks = new FleetStacks(labInfo().key);
    const hub = { hostname: labHost("hub").fqdn, connection: connection("hub") };
    await succeeds(stacks.want("hub", { hub }).up("--skip-preview"));
});
after(() => stacks.remove());

describe("four fleets in one shared backend, with one hub", () => {
    test("come up at once: all succeed, no grant is lost, each laptop's mail is relayed", async () => {
        await Promise.all(
            fleets.map((name) =>
                succeeds(fleet(name, laptopsOf[name]).up("--skip-preview", "--parallel", "8")),
            ),
        );
        const keys = await keysOf(...fleets);
        assert.equal(new Set(keys).size, first.length);
        assert.deepEqual(granted(), keys);
        await allRelayed(first, "all");
        for (const name of fleets)
            await succeeds(fleet(name, laptopsOf[name]).up("--skip-preview", "--expect-no-changes"));
    });

    test("one is destroyed while another loses a laptop and a third gets one", async () => {
        const before = await keysOf("lisbon", "oslo");
        laptopsOf.field = ["laptop2"];
        laptopsOf.oslo = [...laptopsOf.oslo, "laptop9"];
        await Promise.all([
            succeeds(stacks.stack("berlin").destroy("--skip-preview")),
            succeeds(fleet("field", laptopsOf.field).up("--skip-preview")),
            succeeds(fleet("oslo", laptopsOf.oslo).up("--skip-preview")),
        ]);
        const left = await keysOf("field", "lisbon", "oslo");
        assert.equal(left.length, 6);
        assert.deepEqual(
            before.filter((key) => !left.includes(key)),
            [],
        );
        assert.deepEqual(granted(), left);
        for (const laptop of ["laptop1", "laptop5", "laptop6"])
            assert.equal(configuration(laptop), originals.get(laptop), laptop);
        await allRelayed(["laptop2", "laptop3", "laptop4", "laptop7", "laptop8", "laptop9"], "left");
    });

    test("the one that is gone comes back while the others go: the hub relays for it alone", async () => {
        laptopsOf.berlin = ["laptop1", "laptop6"];
        await Promise.all([
            succeeds(fleet("berlin", laptopsOf.berlin).up("--skip-preview")),
            ...(["field", "lisbon", "oslo"] as const).map((name) =>
                succeeds(stacks.stack(name).destroy("--skip-preview")),
            ),
        ]);
        assert.deepEqual(granted(), await keysOf("berlin"));
        await allRelayed(laptopsOf.berlin, "back");
    });

    test("all gone, every machine is as it was", async () => {
        for (const name of ["berlin", "hub"]) await succeeds(stacks.stack(name).destroy("--skip-preview"));
        for (const host of ["hub", ...all]) {
            assert.equal(configuration(host), originals.get(host), host);
            assert.equal(litter(host), "");
        }
    });
});
