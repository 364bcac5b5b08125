import { listName, partName, readSettings } from "../../postfix/compose";
import { readBlocks } from "../../postfix/fragment/read";
import { parseMainCf } from "../../postfix/main-cf";
import { parseMasterCf } from "../../postfix/master-cf";
import { UserError } from "../errors";
import type { HostFacts } from "./facts";

type Files = Pick<HostFacts, "mainCf" | "masterCf">;

/** Called before a fragment is removed: grants of others that no hub would read any more lock their laptops out. */
export function refuseStranded(owner: string, before: Files, after: Files): void {
    if (!readsGrants(before) || readsGrants(after)) return;
    const standing = readBlocks(after.mainCf).filter((block) =>
        readSettings(block.body).some(
            ([name, value]) => name === partName(block.owner, list) && value !== "",
        ),
    );
    if (standing.length === 0) return;
    const owners = standing.map((block) => `"${block.owner}"`).join(", ");
    const reason = `the hub "${owner}" cannot go while ${owners} of other programs stand${standing.length === 1 ? "s" : ""} on it: the mail of their laptops would wait in vain. Nothing was changed on it. First run pulumi destroy in those stacks, or take their RelayAccess out of the program; where it is this very program, the RelayAccess needs dependsOn the hub. A fragment whose stack is lost goes by hand: docs/undo.md says how`;
    throw new UserError([{ path: "", reason }]);
}

const list = "relay_clientcerts";

/** A hub reads all grants by one name, in main.cf or as an `-o` of its service. */
function readsGrants({ mainCf, masterCf }: Files): boolean {
    const reads = ({ value }: { value: string }) => value.includes(`$${listName(list)}`);
    return (
        parseMainCf(mainCf).settings.some(reads) ||
        parseMasterCf(masterCf).services.some(({ options }) => options.some(reads))
    );
}
