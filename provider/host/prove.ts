import type { Duplex } from "node:stream";
import { connect as startTls, type TLSSocket } from "node:tls";
import { certificatePublicKeyPin } from "../../postfix/pins";
import { RemoteError } from "../errors";
import type { RemoteHost } from "../ssh/connect";

/** What a look at a server from a host has shown. */
export type Seen = { outcome: "match" } | { outcome: "mismatch" | "unreachable"; why: string };

const timeoutMs = 15_000;

/**
 * Looks at the key that a hub shows, over a connection made by the host's sshd: for hosts whose Postfix cannot be
 * asked because its log is out of reach. It says less than Postfix's own proof, since name lookup and firewall
 * rules of smtp(8) may be others. No message, no address: EHLO, STARTTLS, the compared key.
 */
export async function proveThroughSsh(
    host: RemoteHost,
    server: { host: string; port: number; implicitTls?: boolean; pins: string[] },
): Promise<Seen> {
    let line: Duplex | undefined;
    try {
        line = await host.forward(server.host, server.port);
        const pin = await withTimeout(server.implicitTls ? pinInTls(line) : pinByStartTls(line));
        if (server.pins.includes(pin)) return { outcome: "match" };
        return {
            outcome: "mismatch",
            why: `${server.host}:${server.port} shows the key ${pin}, seen through SSH`,
        };
    } catch (error) {
        // The host itself is gone: that is another failure.
        if (error instanceof RemoteError && error.kind !== "step") throw error;
        return { outcome: "unreachable", why: (error as Error).message };
    } finally {
        line?.destroy();
    }
}

/** The SMTP dialogue up to the certificate (RFC 3207). */
async function pinByStartTls(line: Duplex): Promise<string> {
    const replies = new Replies(line);
    await replies.expect("220", "the greeting");
    line.write("EHLO pulumi-postfix.invalid\r\n");
    await replies.expect("250", "EHLO");
    line.write("STARTTLS\r\n");
    await replies.expect("220", "STARTTLS");
    replies.stop();
    return pinInTls(line);
}

async function pinInTls(line: Duplex): Promise<string> {
    const secured = await new Promise<TLSSocket>((resolve, reject) => {
        // The key is compared below; no CA takes part.
        const socket = startTls({ socket: line, rejectUnauthorized: false, minVersion: "TLSv1.2" }, () =>
            resolve(socket),
        );
        socket.once("error", reject);
    });
    const certificate = secured.getPeerX509Certificate();
    secured.destroy();
    if (!certificate) throw new Error("it shows no certificate");
    return certificatePublicKeyPin(certificate.toString());
}

/** SMTP replies one after the other; of one with several lines the last counts (RFC 5321, 4.2.1). */
class Replies {
    private text = "";
    private wake: () => void = () => undefined;
    private ended = false;
    private readonly onData = (data: Buffer) => {
        this.text += data.toString("latin1");
        this.wake();
    };
    private readonly onEnd = () => {
        this.ended = true;
        this.wake();
    };

    constructor(private readonly line: Duplex) {
        line.on("data", this.onData);
        for (const event of ["end", "close", "error"]) line.on(event, this.onEnd);
    }

    async expect(code: string, to: string): Promise<void> {
        for (;;) {
            const [whole, reply] = /^(?:\d{3}-.*\r?\n)*(\d{3}(?: .*)?)\r?\n/.exec(this.text) ?? [];
            if (whole !== undefined && reply !== undefined) {
                this.text = this.text.slice(whole.length);
                if (reply.startsWith(code)) return;
                throw new Error(`it answers ${to} with: ${reply}`);
            }
            if (this.ended || this.text.length > 65_536) throw new Error(`it does not answer ${to}`);
            await new Promise<void>((resolve) => {
                this.wake = resolve;
            });
        }
    }

    /** What comes from now on belongs to TLS; what came too early would have been put in by somebody (RFC 3207, 4.2). */
    stop(): void {
        this.line.removeListener("data", this.onData);
        if (this.text !== "") throw new Error("it sent more than the answer to STARTTLS in clear");
    }
}

function withTimeout<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
