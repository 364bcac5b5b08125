import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { groups } from "../../cli/status/map";
import type { MachineReport } from "../../cli/status/report";
import { picture } from "../../docs/picture/draw";

const machine = (more: Partial<MachineReport> & { name: string }): MachineReport => ({
    role: "laptop",
    address: "root@192.0.2.101",
    state: "applied",
    troubles: [],
    pins: { current: [], next: [] },
    others: [],
    linkedTo: [],
    ...more,
});

test("the documentation's picture is what is drawn today: npm run docs:picture", () => {
    const folder = join(__dirname, "../../docs/picture");
    assert.equal(readFileSync(join(folder, "mail.svg"), "utf8"), picture());
});

test("each laptop stands below its own hub, also one that another stack looks after", () => {
    const [alice, bob, carol] = [
        machine({ name: "alice", linkedTo: ["hub"] }),
        machine({ name: "bob", linkedTo: ["mailhub.example.org"] }),
        machine({ name: "carol" }),
    ];
    const hub = machine({ name: "hub", role: "hub", linkedTo: ["alice"] });
    assert.deepEqual(groups([alice, hub, bob, carol]), [
        { hub, laptops: [alice] },
        { hub: "mailhub.example.org", laptops: [bob] },
        { hub: "no hub", laptops: [carol] },
    ]);
});
