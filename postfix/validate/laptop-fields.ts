import { unknownReason } from "./args";
import { connectionFields } from "./connection";
import { roadWarriorFields } from "./road-warrior";

/** What may be said of a laptop in a fleet, beside its name: a `RoadWarrior`'s arguments without the hub, and our own. */
export const laptopFields: readonly string[] = [
    ...roadWarriorFields.filter((field) => field !== "smartHost"),
    "host",
    "hubPort",
    "formerly",
];

/** What every laptop of a fleet may have in common. */
export const defaultFields = laptopFields.filter((field) => field !== "formerly");

/** Why a field of a laptop, or of the defaults, is none. */
export function unknownLaptopField(field: string, allowed: readonly string[]): string {
    if (field === "smartHost") return "unknown here: all laptops of a fleet have its one hub";
    if (field === "name") return "unknown here: its name is the key, or stands in a list of laptops";
    if (field === "formerly") return "unknown here: it is of one laptop, and no default for all";
    if (field === "port")
        return "unknown; is hubPort meant, where the hub listens, or connection.port, where SSH does?";
    if (connectionFields.includes(field)) return `unknown; is connection.${field} meant?`;
    return unknownReason(field, allowed);
}
