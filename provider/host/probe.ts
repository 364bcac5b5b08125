import { hookPatterns, networkPaths } from "../../postfix/network-hooks";
import { packageManagerCommands } from "../../postfix/packages";
import type { CertificateFiles } from "../../postfix/roles/certificates";
import { RemoteError, type RemoteErrorDetails } from "../errors";
import type { RemoteHost } from "../ssh/connect";
import { type HostFacts, readFacts } from "./facts";
import type { AskedThings } from "./plan-named";
import { implausible } from "./plausible";
import { probeScript } from "./script";

/** What the probe looks at beyond the fixed set. */
export interface ProbeRequest {
    ports: number[];
    /** Sockets of Dovecot, as smtpd_sasl_path has them. */
    sockets?: string[];
    /** `<owner>/<generation>` whose files are compared, or empty. */
    live?: string;
    /** Parameters that are to be written. */
    names?: string[];
    /** Files, tables and daemons that the wanted settings name. */
    named?: AskedThings;
    certificateFiles?: CertificateFiles[];
    /** Who may relay through this hub, and what they have proven to pin. */
    laptops?: boolean;
}

/** Why a host cannot be managed at all, and what to do about it. */
const obstacles: Record<string, (detail: string) => [what: string, remedy: string]> = {
    "not-root": (user) => [
        `logged in as ${user}, which may not change Postfix`,
        "log in as root, or set sudo: true for a user whose sudo needs no password",
    ],
    "no-postfix": () => [
        "Postfix is not installed on this host",
        "install it (on Debian: apt-get install postfix), or set installPackage: true",
    ],
    "no-main-cf": (file) => [
        `Postfix is installed but not configured, there is no ${file}`,
        "run `dpkg-reconfigure postfix` or copy the package's example",
    ],
    "broken-main-cf": (reason) => [
        `the host's own configuration is broken, every Postfix command fails: ${reason}`,
        "mend that line first",
    ],
};

const needsAShell =
    "Log in there as this user and run `/bin/sh -c 'echo hello'`: it must print that and nothing else. A forced command, a login shell such as nologin, or a shell's start file that ends it stands in the way.";

/** What the host is like makes all work there impossible. */
export class Unmanageable extends RemoteError {
    constructor(
        details: RemoteErrorDetails,
        readonly what: string,
        readonly remedy: string,
    ) {
        super({ ...details, reason: `${what}: ${remedy}` });
    }
}

/** Postfix is not there: in a preview it may still come, by what runs before in the same `up`. */
export class NoPostfix extends Unmanageable {
    constructor(
        details: RemoteErrorDetails,
        obstacle: [what: string, remedy: string],
        /** The command that would bring it; empty where this host has none that we know. */
        readonly packageManager: string,
    ) {
        super(details, ...obstacle);
    }
}

export async function probe(host: RemoteHost, request: ProbeRequest): Promise<HostFacts> {
    const lying = request.certificateFiles ?? [];
    const stdin = probeScript({
        variables: {
            wanted_ports: request.ports.join(" "),
            wanted_sockets: (request.sockets ?? []).join(" "),
            live: request.live ?? "",
            managers: packageManagerCommands.join(" "),
            asked_names: (request.names ?? []).join(" "),
            asked_files: (request.named?.files ?? []).join(" "),
            asked_tables: (request.named?.tables ?? []).join(" "),
            asked_daemons: (request.named?.daemons ?? []).join(" "),
            network_paths: networkPaths.join(" "),
            hook_patterns: hookPatterns.join(" "),
            key_files: lying.map(({ keyFile }) => keyFile).join(" "),
            certificate_files: lying.map(({ certificateFile }) => certificateFile).join(" "),
            asked_laptops: request.laptops ? "yes" : "",
        },
    });
    const result = await host.run({ step: "read the host's configuration", stdin, timeoutSeconds: 60 });
    const lines = result.stdout.split("\n");
    const last = lines.findLast((line) => line.startsWith("result ")) ?? "";
    const [, word = "", detail = ""] = /^result (\S+) ?(.*)$/.exec(last) ?? [];
    if (word !== "probed") {
        const details = { host: host.label, step: "read the host's configuration", kind: "step" as const };
        const obstacle = obstacles[word]?.(detail);
        if (obstacle && word === "no-postfix") throw new NoPostfix(details, obstacle, detail);
        if (obstacle) throw new Unmanageable(details, ...obstacle);
        throw new RemoteError({
            ...details,
            reason: `the probe ended early (exit code ${result.exitCode})`,
            logLines: result.stderr.split("\n").filter(Boolean),
            hint: needsAShell,
        });
    }
    const facts = readFacts(lines);
    const why = implausible(facts);
    if (why === undefined) return facts;
    throw new RemoteError({
        host: host.label,
        step: "read the host's configuration",
        kind: "step",
        reason: `what it answers is not what a host with Postfix answers: ${why}`,
        hint: "Nothing was changed on it. Is this the right machine, and who else may have changed it?",
    });
}
