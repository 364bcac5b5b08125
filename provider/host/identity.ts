import { randomBytes } from "node:crypto";

/** Who a fragment belongs to, kept in the resource's id and never recomputed: a rename or move changes the URN. */
export interface FragmentId {
    /** `<label>-<8 hex>` */
    owner: string;
    /** Which create made it: the delete of another one leaves it alone. */
    instance: string;
}

export function newOwner(label: string): string {
    return `${label}-${randomBytes(4).toString("hex")}`;
}

export const newInstance = (): string => randomBytes(8).toString("hex");
export const newGeneration = (): string => randomBytes(8).toString("hex");

export function labelOf(owner: string): string {
    return owner.replace(/-[0-9a-f]{8}$/, "");
}

export function formatId(id: FragmentId): string {
    return `${id.owner}/${id.instance}`;
}

export function parseId(text: string): FragmentId {
    const [, owner, instance] = /^([a-z0-9][a-z0-9-]*-[0-9a-f]{8})\/([0-9a-f]{16})$/.exec(text) ?? [];
    if (!owner || !instance) throw new Error(`not the id of a postfix:index:Host: ${text}`);
    return { owner, instance };
}
