import * as pulumi from "@pulumi/pulumi";
import { isSamePlace } from "../postfix/services";
import { comesLater } from "./checked-args";
import type { HatchArgs, ServiceArgs } from "./hatch-args";
import type { HostArgs } from "./host";

type Map<T> = { [name: string]: pulumi.Input<T> };
type Parts = Pick<HostArgs, "services" | "tables" | "chains" | "authorities">;

/** The user's services and tables beside those that a resource has itself; the check has seen that nothing is set twice. */
export function withHatch(
    args: HatchArgs,
    own: Parts,
): Pick<HostArgs, "services" | "tables" | "allowUnknown" | "exclusive"> {
    const { services = {}, tables = {}, allowUnknown, exclusive } = args;
    const ownServices = withoutYielding(own.services, Object.keys(services));
    const lines = Object.entries(services).map(([service, { options, ...line }]: [string, ServiceArgs]) => [
        service,
        { ...line, options: options ?? {} },
    ]);
    return {
        ...together("services", Object.fromEntries(lines), ownServices),
        ...together("tables", tables, own.tables),
        // Only what is asked for: an argument of `false` would be a difference to a state without it.
        ...(allowUnknown ? { allowUnknown } : {}),
        ...(exclusive ? { exclusive } : {}),
    };
}

/** A line of ours that yields to an admin's yields to one of the user's as well. */
function withoutYielding(services: Parts["services"], users: string[]): Parts["services"] {
    if (services === undefined || comesLater(services)) return services;
    const kept = Object.entries(services as Map<ServiceArgs & { yields?: boolean }>).filter(
        ([name, service]) =>
            comesLater(service) ||
            !(service as { yields?: boolean }).yields ||
            !users.some((user) => isSamePlace(user, name)),
    );
    return Object.fromEntries(kept) as Parts["services"];
}

function together<T>(
    key: string,
    users: Map<T>,
    own: pulumi.Input<Map<T>> | undefined,
): { [key: string]: pulumi.Input<Map<T>> } {
    if (Object.keys(users).length === 0) return own === undefined ? {} : { [key]: own };
    if (own === undefined || !comesLater(own)) return { [key]: { ...users, ...(own as Map<T>) } };
    return { [key]: pulumi.output(own).apply((map) => ({ ...users, ...(map as Map<T>) })) as never };
}
