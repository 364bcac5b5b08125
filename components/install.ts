import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { installScript } from "../postfix/packages";
import type { Role } from "../postfix/settings";
import { type CommandTarget, remoteScript } from "./remote-commands";

/**
 * Postfix from the machine's own distribution, once for each machine: a new host key is another machine, a new
 * address, user or password is none. It stays when the resource goes.
 */
export function installPostfix(name: string, role: Role, target: CommandTarget): remote.Command {
    const hostKey = pulumi.output(target.connection).apply((connection) => connection.hostKey ?? null);
    return remoteScript(`${name}-install`, target, installScript(role), {
        triggers: [hostKey],
        // Else a later release's script, or a user with sudo instead of root, would run it once more.
        ignoreChanges: ["create", "stdin"],
    });
}
