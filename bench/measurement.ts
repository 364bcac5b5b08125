import type { ContenderName, Temperature, Work } from "./works";

/** One work of one contender, done once. */
export interface Measurement {
    /** Laptops beside the hub. */
    hosts: number;
    run: number;
    temperature: Temperature;
    contender: ContenderName;
    work: Work;
    seconds: number;
    /** User and system time of the operator's side; absent where it cannot be seen. */
    cpuSeconds?: number;
    /** Most memory that its processes had resident at one moment, all together, in MiB. */
    peakMiB?: number;
    /** The same of single processes that matter: the plugin, the engine. */
    partsMiB?: Record<string, number>;
    /** Machines that sshd saw somebody at, and how often in all. */
    contacted: number;
    connections: number;
    /** Of the machine, over the minute before. */
    load: number;
}

/** A bench, as it is kept in `results/`. */
export interface Results {
    date: string;
    versions: Record<string, string>;
    measurements: Measurement[];
    /** Rounds that did not come to their end, in words. */
    failures: string[];
}
