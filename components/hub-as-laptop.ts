import type * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../postfix/validate/laptops";
import { comesLater } from "./checked-args";
import type { ConnectionArgs } from "./connection";
import { InputError } from "./input-error";
import { givenOf, type RoadWarrior } from "./road-warrior";

const plainAddress = (connection: unknown) => addressOf(connection, (value) => !comesLater(value));

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
