import type { Version } from "../version";
import { commentFault } from "./comment";
import { lookupTypeFaults } from "./lookups";
import { macroFault } from "./macros";
import { typeFault } from "./numbers";
import { ownNetworkFaults } from "./own-networks";
import { pinListFaults } from "./pin-list";
import { protocolFault } from "./protocols";
import { wordFault } from "./words";

/** One parameter as it is to be written for this host. */
export interface Judged {
    name: string;
    value: string;
    /** What counts on this host without the line; absent where the host does not know the name. */
    builtIn?: string;
}

/** What is known of the host that reads it. */
export interface Reader {
    version: Version;
    mapTypes: readonly string[];
}

/** Everything with which Postfix would not do what is meant, as sentences. */
export function valueFaults({ name, value, builtIn }: Judged, { version, mapTypes }: Reader): string[] {
    const comment = commentFault(name, value);
    const macro = builtIn === undefined ? undefined : macroFault(name, value);
    // What else is wrong with it comes of that.
    if (comment ?? macro) return [comment ?? macro].filter((fault) => fault !== undefined);
    const faults = [
        builtIn === undefined ? undefined : typeFault(name, value, builtIn),
        wordFault(name, value),
        protocolFault(name, value, version),
        ...pinListFaults(name, value),
        ...ownNetworkFaults(name, value),
        ...lookupTypeFaults(value, mapTypes),
    ];
    return faults.filter((fault) => fault !== undefined);
}
