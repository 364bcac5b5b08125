import type { ArgsCheck } from "./args";
import { isFragmentOwner } from "./machine";

/** What only an SSH connection could do, and why it does not go with a bundle. */
const reached: Record<string, string> = {
    connection: "nobody reaches this laptop over SSH",
    sudo: "whoever runs the script runs it as root",
    knownHosts: "nobody reaches this laptop over SSH",
    insecureIgnoreHostKey: "nobody reaches this laptop over SSH",
    onUnreachable: "nothing waits for this laptop: the script is run whenever it is run",
    installPackage: "install Postfix there before the script is run",
    hooks: "run your commands beside the script",
};

export function checkBundle(check: ArgsCheck): void {
    check.flag("bundle");
    if (check.args.bundle !== true) return;
    for (const [field, why] of Object.entries(reached))
        if (check.args[field] !== undefined)
            check.problems.add(field, `does not go with bundle: true: ${why}. Leave one of the two out`);
    for (const { value, at } of check.items("takeOver", "main.cf parameters and master.cf services"))
        if (isFragmentOwner(value))
            at.add(
                "",
                `given "${value}", a fragment's owner: a bundle replaces none; run --undo ${value} there first`,
            );
}
