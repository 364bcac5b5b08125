import { RemoteError } from "../errors";
import type { SshTarget } from "../ssh/target";
import type { HostInputs } from "./inputs";

/** How the host is reached, as the SSH layer wants it. */
export function sshTarget(inputs: HostInputs): SshTarget {
    return {
        connection: inputs.connection,
        sudo: inputs.sudo,
        knownHosts: inputs.knownHosts,
        insecureIgnoreHostKey: inputs.insecureIgnoreHostKey,
    };
}

/**
 * The host may simply be asleep: the one kind of failure that `onUnreachable: "pending"` waits out. A connection that
 * breaks later is none: the change may be under way on the host.
 */
export function mayBeAsleep(inputs: HostInputs, error: unknown): error is RemoteError {
    return (
        inputs.onUnreachable === "pending" &&
        error instanceof RemoteError &&
        error.kind === "unreachable" &&
        error.step === "connect"
    );
}
