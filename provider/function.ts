import type { Problem } from "../postfix/problems";
import type { PropertyMap } from "./values";

/** What the provider answers without a resource, free of the protocol; no host is touched. */
export type FunctionLogic = (args: PropertyMap) => Promise<FunctionResult>;

export interface FunctionResult {
    outputs: PropertyMap;
    failures: Problem[];
}
