import type * as pulumi from "@pulumi/pulumi";
import { comesLater } from "./checked-args";
import type { ConnectionArgs } from "./connection";
import { InputError } from "./input-error";
import { givenOf, type RoadWarrior } from "./road-warrior";

/** A hub that relays for itself sends its mail round in a loop. */
export function refuseHubAsLaptop(
    subject: string,
    hub: pulumi.Input<ConnectionArgs>,
    laptops: RoadWarrior[],
): void {
    const hubAddress = plainAddress(hub);
    if (hubAddress === undefined) return;
    const problems = laptops.flatMap((laptop, index) => {
        const { name, connection } = givenOf(laptop);
        if (plainAddress(connection) !== hubAddress) return [];
        const reason = `"${name}" is reached at ${hubAddress}, as the hub is: a machine cannot be its own hub`;
        return [{ path: `laptops[${index}]`, reason }];
    });
    if (problems.length > 0) throw new InputError(subject, problems);
}

/** Where a connection leads, if that is known now. Behind a jump host, equal addresses may be different machines. */
function plainAddress(connection: pulumi.Input<ConnectionArgs> | undefined): string | undefined {
    if (connection === undefined || comesLater(connection)) return undefined;
    const { host, port = 22, proxy } = connection as ConnectionArgs;
    if (typeof host !== "string" || typeof port !== "number" || proxy !== undefined) return undefined;
    return `${host.toLowerCase().replace(/\.$/, "")}:${port}`;
}
