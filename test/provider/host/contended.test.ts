import assert from "node:assert/strict";
import { test } from "node:test";
import { whileContended } from "../../../provider/host/contended";
import { Conflict } from "../../../provider/host/outcome";

const quiet = { progress: () => undefined };
const filesWith = (instance: number | string) => ({
    mainCf: `# BEGIN pulumi-postfix fleet-1a2b3c4d ${String(instance).padStart(16, "0")}\nbiff = no\n# END pulumi-postfix fleet-1a2b3c4d\n`,
    masterCf: "",
});

/** How often a host is planned anew that has other files each time, and what is said in the end. */
async function tried(files: (turn: number) => { mainCf: string; masterCf: string }, until = 1_000) {
    let turn = 0;
    const result = await whileContended("root@hub:22", quiet, async (looked) => {
        looked(files(++turn));
        if (turn < until) throw new Conflict(false);
        return "made";
    }).catch((error: Error) => error.message);
    return { turn, result };
}

test("what others edit is looked at anew five times", async () => {
    const edited = (turn: number) => ({ mainCf: `# edit ${turn}\n${filesWith(1).mainCf}`, masterCf: "" });
    assert.deepEqual(await tried(edited), {
        turn: 5,
        result: `root@hub:22: the host's configuration changed meanwhile, 5 times in a row: nothing was done\nIs another program at work there that writes main.cf or master.cf again and again?`,
    });
});

test("fleets that were first do not count", async () => {
    assert.deepEqual(await tried(filesWith, 30), { turn: 30, result: "made" });
});

test("between fleets an edit counts, and five behind the last of them are too many", async () => {
    assert.equal((await tried((turn) => filesWith(Math.min(turn, 7)))).turn, 11);
});

test("a host that always says so is left alone in the end", async () => {
    const { turn, result } = await tried(filesWith);
    assert.equal(turn, 100);
    assert.match(String(result), /100 times in a row/);
});
