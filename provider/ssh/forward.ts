import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { DialFailure, roundSeconds } from "./failure";
import { address } from "./target";

/** RFC 4254 section 5.1 */
const administrativelyProhibited = 1;

/** A TCP connection made by the machine at the other end of `client`. */
export function forwardTo(
    client: Client,
    host: string,
    port: number,
    timeoutMs: number,
    signal?: AbortSignal,
): Promise<Duplex> {
    return new Promise((resolve, reject) => {
        let settled = false;
        const settle = (end: () => void) => {
            if (settled) return;
            settled = true;
            clearTimeout(timer);
            client.removeListener("close", lost);
            signal?.removeEventListener("abort", abort);
            end();
        };
        const fail = (failure: Error) => settle(() => reject(failure));
        const lost = () => fail(new DialFailure("connection lost", "yes"));
        const abort = () => fail(new DialFailure("cancelled", "no"));
        const timer = setTimeout(
            () => fail(new DialFailure(`no answer within ${roundSeconds(timeoutMs / 1000)} s`, "yes")),
            timeoutMs,
        );
        client.once("close", lost);
        signal?.addEventListener("abort", abort, { once: true });
        if (signal?.aborted) return abort();
        try {
            client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
                if (settled) return error ? undefined : channel.close();
                if (error) return fail(openFailure(error, host, port));
                settle(() => resolve(channel));
            });
        } catch {
            lost();
        }
    });
}

function openFailure(error: Error & { reason?: unknown }, host: string, port: number): DialFailure {
    const said = error.message.replace("(SSH) Channel open failure: ", "").toLowerCase() || "refused";
    if (error.reason !== administrativelyProhibited) return new DialFailure(said, "yes");
    return new DialFailure(
        `it may not forward connections to ${address(host, port)}`,
        "no",
        "AllowTcpForwarding and PermitOpen in its sshd_config(5) decide this.",
    );
}
