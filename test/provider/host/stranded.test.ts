import assert from "node:assert/strict";
import { test } from "node:test";
import type { FragmentId } from "../../../provider/host/identity";
import type { HostInputs } from "../../../provider/host/inputs";
import { planChange, planRemoval } from "../../../provider/host/plan";
import { refuseStranded } from "../../../provider/host/stranded";
import { factsOf, grant, hub, ids, plain, stockMain, stockMaster, target } from "./fixtures";

type Wish = [FragmentId, HostInputs];

/** A machine on which these owners have come one after the other. */
function machine(...wishes: Wish[]) {
    let files = { mainCf: stockMain, masterCf: stockMaster };
    for (const [id, inputs] of wishes) {
        const plan = planChange(inputs, factsOf(files), target(id));
        assert.deepEqual(plan.problems, []);
        files = { mainCf: plan.mainCf, masterCf: plan.masterCf };
    }
    return files;
}

function leave({ owner }: FragmentId, files: ReturnType<typeof machine>): void {
    refuseStranded(owner, files, planRemoval(owner, factsOf(files)));
}

const dedicated: Wish = [ids.hub, hub()];
const laptops: Wish = [ids.laptops, grant(["alice"])];
const guest = (id: FragmentId, port: number): Wish => [id, hub({}, { mode: "guest", port })];

for (const [what, wish] of [
    ["a dedicated hub", dedicated],
    ["a dedicated hub on port 25", [ids.hub, hub({ takeOver: ["*"] }, { port: 25 })] as Wish],
    ["a guest hub", guest(ids.hub, 2587)],
] as const) {
    test(`${what} does not go while a grant stands on it`, () => {
        assert.throws(
            () => leave(ids.hub, machine(wish, laptops)),
            /^UserError: the hub "hub-00000001" cannot go while "laptops-00000003" of other programs stands on it: .*Nothing was changed on it\. First run pulumi destroy in those stacks/,
        );
        assert.doesNotThrow(() => leave(ids.hub, machine(wish)));
    });
}

test("a grant may go from its hub, and so may an owner that is none", () => {
    const files = machine(dedicated, laptops, [ids.plain, plain({ main: { x: "1" } })]);
    assert.doesNotThrow(() => leave(ids.laptops, files));
    assert.doesNotThrow(() => leave(ids.plain, files));
});

test("a hub may go while another one on its machine reads the grants", () => {
    const files = machine(guest(ids.hub, 2587), guest(ids.guest, 10025), laptops);
    assert.doesNotThrow(() => leave(ids.guest, files));
    assert.doesNotThrow(() => leave(ids.hub, files));
});

test("where no hub read the grants before, nothing is taken from them", () => {
    const files = machine([ids.plain, plain({ main: { x: "1" } })], laptops);
    assert.doesNotThrow(() => leave(ids.plain, files));
});
