import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type ConnectionArgs, commandConnection } from "./connection";

export interface CommandTarget {
    connection: pulumi.Input<ConnectionArgs>;
    sudo?: pulumi.Input<boolean>;
    opts: pulumi.CustomResourceOptions;
}

/** What makes a script run once more, and what else does not. */
interface Rerun {
    triggers?: pulumi.Input<unknown>[];
    ignoreChanges?: string[];
}

/**
 * A script on a machine, by the command package. The script goes to standard input, so that the user's login shell,
 * whichever it is, has one plain command to run. A changed connection is no reason to run it again.
 */
export function remoteScript(
    name: string,
    target: CommandTarget,
    script: pulumi.Input<string>,
    { triggers, ignoreChanges = [] }: Rerun = {},
): remote.Command {
    const create = pulumi.output(target.sudo).apply((sudo) => (sudo ? asRoot : "/bin/sh -s"));
    return new remote.Command(
        name,
        {
            connection: commandConnection(target.connection),
            create,
            stdin: script,
            // Else the output of the last run goes into the environment of the next one, which sshd refuses to take.
            addPreviousOutputInEnv: false,
            ...(triggers ? { triggers } : {}),
        },
        { ...target.opts, ignoreChanges: ["connection", ...ignoreChanges] },
    );
}

/** sudo may well be missing where the user is root. */
const asRoot = `/bin/sh -c 'if [ "$(id -u)" = 0 ]; then exec /bin/sh -s; else exec sudo -n /bin/sh -s; fi'`;
