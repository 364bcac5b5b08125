import * as pulumi from "@pulumi/pulumi";
import {
    type HubSaslRole,
    hubSaslTables,
    laptopSaslEntries,
    passwordTable,
    usersTable,
} from "../postfix/roles/sasl";
import type { HostTableArgs } from "./host";
import type { SmartHostLink } from "./link";
import type { HubSaslArgs, LaptopSaslArgs } from "./sasl-args";

type Tables = { [table: string]: HostTableArgs };

/** The hub's settings depend on whether there are users, and not on who they are. */
export function hubSasl(sasl: HubSaslArgs | undefined): HubSaslRole | undefined {
    return sasl && { type: sasl.type, path: sasl.path, users: sasl.users && {} };
}

/** The users' passwords: all of them one secret, so that what else stands on the host is one too. */
export function userTables(sasl: HubSaslArgs | undefined): Tables {
    if (!sasl?.users) return {};
    const { [usersTable]: table } = hubSaslTables({ type: sasl.type, users: {} });
    return { [usersTable]: { type: table?.type, entries: pulumi.secret(sasl.users) } };
}

/** The laptop's password under the hub's name as relayhost has it. */
export function passwordTables(sasl: LaptopSaslArgs | undefined, hub: pulumi.Output<SmartHostLink>): Tables {
    if (!sasl) return {};
    const entries = pulumi
        .all([hub.hostname, hub.port, sasl.username, sasl.password])
        .apply(([hostname, port, username, password]) =>
            laptopSaslEntries(`[${hostname}]:${port}`, username, password),
        );
    return { [passwordTable]: { entries: pulumi.secret(entries) } };
}

/** As it is recorded in the state. */
export function sealHubSasl(sasl: HubSaslArgs | undefined): { sasl?: HubSaslArgs } {
    return sasl?.users ? { sasl: { ...sasl, users: secrets(sasl.users) } } : {};
}

export function sealLaptopSasl(sasl: LaptopSaslArgs | undefined): { sasl?: LaptopSaslArgs } {
    return sasl ? { sasl: { ...sasl, password: pulumi.secret(sasl.password) } } : {};
}

function secrets(values: { [name: string]: pulumi.Input<string> }): {
    [name: string]: pulumi.Output<string>;
} {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, pulumi.secret(value)]));
}
