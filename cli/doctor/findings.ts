import { atLeast, newestVersion, oldestVersion, parseVersion } from "../../postfix/version";
import type { HostFacts } from "../../provider/host/facts";

/** One thing that was looked at. */
export interface Finding {
    level: "ok" | "warning" | "obstacle";
    what: string;
    /** What to do about it. */
    remedy?: string;
}

/** What a machine that can be reached says of itself. */
export interface Examination {
    facts: HostFacts;
    /** Of the operator's clock, in seconds: positive is ahead. */
    clockAhead: number;
    /** The TLS library that Postfix was built with; empty: none. */
    tls: string;
    /** Why no command of Postfix can start; empty: they can. */
    fatal: string;
    /** For a laptop: its hub, the address it has for it, and why the port could not be reached. */
    hub?: { name: string; port: number; address: string; failure?: string };
    /** For a hub: the port of its laptops. */
    port?: number;
}

/** Certificates are valid from the minute they are made; a clock a little behind is behind for minutes. */
const mostSecondsOff = 300;

/** What stands in the way of a machine, each with its remedy; what is well is said too. */
export function findings({ facts, clockAhead, tls, fatal, hub, port }: Examination): Finding[] {
    return [
        versionOf(facts),
        tls === ""
            ? obstacle(
                  "Postfix is built without TLS",
                  "install the distribution's own Postfix: theirs all have it",
              )
            : ok(`Postfix has TLS, by ${tls}`),
        ...(fatal === ""
            ? []
            : [
                  obstacle(
                      `its configuration is broken: ${fatal}`,
                      "mend that line first: every command of Postfix ends with it",
                  ),
              ]),
        ...(facts.running
            ? [ok("Postfix runs")]
            : [
                  warning(
                      "Postfix does not run",
                      "the first pulumi up starts it; see its log if it should have run",
                  ),
              ]),
        ...(facts.foreignSendmail === ""
            ? []
            : [
                  obstacle(
                      `${facts.foreignSendmail} belongs to another mail server`,
                      "remove that server's package, or give Postfix the command back",
                  ),
              ]),
        ...(facts.interrupted
            ? [warning("a change was broken off here", "the next pulumi up finishes or undoes it")]
            : []),
        ...portOf(facts, port),
        Math.abs(clockAhead) > mostSecondsOff
            ? warning(
                  `its clock is ${Math.abs(clockAhead)} seconds ${clockAhead > 0 ? "ahead of" : "behind"} yours`,
                  'set it by NTP (timedatectl set-ntp true): pins do not look at a date, but at security "secure" and "dane" certificates do, and logs and queues too',
              )
            : ok("its clock is right"),
        ...hubOf(hub),
        ...(facts.queueLength > 0
            ? [warning(`${facts.queueLength} messages wait in its queue`, "look at them first: postqueue -p")]
            : []),
    ];
}

function versionOf({ version }: HostFacts): Finding {
    const parsed = parseVersion(version);
    if (!parsed || !atLeast(parsed, oldestVersion))
        return obstacle(
            `Postfix ${version || "of no known version"} is older than ${oldestVersion}, the oldest that is supported`,
            "upgrade Postfix there, or the distribution",
        );
    const [major, minor] = newestVersion.split(".").map(Number);
    if (atLeast(parsed, `${major}.${(minor ?? 0) + 1}`))
        return warning(
            `Postfix ${version} is newer than ${newestVersion}, the newest that this package is tested with`,
            "look whether there is a newer pulumi-postfix",
        );
    return ok(`Postfix ${version}`);
}

function portOf({ listeners, masterPid }: HostFacts, port: number | undefined): Finding[] {
    if (port === undefined) return [];
    const holder = listeners.find((listener) => listener.port === port);
    if (!holder) return [ok(`port ${port} is free`)];
    if (holder.pid === masterPid) return [ok(`port ${port} is Postfix's own`)];
    return [
        obstacle(
            `port ${port} is taken by ${holder.command} (process ${holder.pid})`,
            "stop that program, or give the hub another port",
        ),
    ];
}

function hubOf(hub: Examination["hub"]): Finding[] {
    if (!hub) return [];
    const { name, port, address, failure } = hub;
    if (address === "")
        return [
            obstacle(
                `it finds no address for ${name}`,
                "give the name an address in the DNS that this machine asks (getent ahosts there shows what it finds)",
            ),
        ];
    if (failure !== undefined)
        return [
            warning(
                `it does not reach ${name} (${address}) on port ${port}: ${failure}`,
                "before the hub's first pulumi up nobody answers there; else see the firewalls between them",
            ),
        ];
    return [ok(`it reaches ${name} (${address}) on port ${port}`)];
}

const ok = (what: string): Finding => ({ level: "ok", what });
const warning = (what: string, remedy: string): Finding => ({ level: "warning", what, remedy });
export const obstacle = (what: string, remedy?: string): Finding => ({
    level: "obstacle",
    what,
    ...(remedy && { remedy }),
});
