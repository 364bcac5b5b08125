/** What a stack's machines are like: what `status` shows, whatever the form. Nothing in here is secret. */
export interface Report {
    stack: string;
    /** When it was looked, as ISO 8601. */
    at: string;
    machines: MachineReport[];
}

/** In the order in which a person should look after them. */
export const machineStates = [
    "unreachable",
    "unreadable",
    "missing",
    "stopped",
    "gone",
    "drifted",
    "unproven",
    "pending",
    "applied",
] as const;
export type MachineState = (typeof machineStates)[number];

export const stateMeanings: Record<MachineState, string> = {
    unreachable: "nobody answers there",
    unreadable: "answers, and could not be looked at",
    missing: "asked for, and not made: the last pulumi up failed",
    stopped: "its Postfix does not run",
    gone: "our settings are no longer there",
    drifted: "somebody has changed our settings",
    unproven: "applied, and the hub not met since",
    pending: "a change waits for it to be reached",
    applied: "as its stack wants it",
};

export interface MachineReport {
    name: string;
    role: "hub" | "laptop" | "host";
    address: string;
    state: MachineState;
    /** What is wrong, in a few lines; the last one says what to do. */
    troubles: string[];
    postfixVersion?: string;
    /** Fingerprints of public keys, a hub's own or those that a laptop knows its hub by: in use, and to come. */
    pins: { current: string[]; next: string[] };
    /** Until its first certificate ends; negative: it has ended. */
    certificateDaysLeft?: number;
    queue?: { messages: number; deferred: number; oldestDeferredSeconds?: number };
    /** By the log of its own Postfix, in its words. */
    lastVerified?: string;
    lastSent?: string;
    /** What others have set in its main.cf, as `name = value`. */
    others: string[];
    /** Of a hub: names of the laptops it relays for, in this stack. Of a laptop: name of its hub. */
    linkedTo: string[];
}
