import type { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { grpc, loadEngine } from "./sdk";

export type Severity = "DEBUG" | "INFO" | "WARNING" | "ERROR";

export interface LogLine {
    severity: Severity;
    urn: string;
    text: string;
    /** Only at the resource's row, until the next one. */
    ephemeral?: boolean;
}

/** Longer than any live engine takes; a dead one must not hold up the end of an operation. */
const logDeadlineMilliseconds = 5_000;

/** The way to the person in front of the terminal: the engine that started us shows what is logged here. */
export class EngineLog {
    #address: string | undefined;
    #client: EngineClient | undefined;
    #last: Promise<void> = Promise.resolve();
    /** The engine that has missed a deadline once: with a thousand lines for it each would hold up every operation. */
    #deaf: string | undefined;

    constructor(address: string | undefined) {
        this.#address = address;
    }

    /** Where the engine listens; empty while there is none. */
    get address(): string {
        return this.#address ?? "";
    }

    /** Another engine has attached to this process, which it did not start. */
    attach(address: string): void {
        if (address === this.#address) return;
        this.#address = address;
        this.#client?.close();
        this.#client = undefined;
    }

    /**
     * One after the other: the engine handles calls side by side, and a stage must not overtake the one before. A line that
     * cannot be shown is no reason to stop in the middle of a change.
     */
    log(line: LogLine): Promise<void> {
        this.#last = this.#last.then(() => this.#send(line)).catch(() => {});
        return this.#last;
    }

    #send({ severity, urn, text, ephemeral = false }: LogLine): Promise<void> {
        if (!this.#address || this.#address === this.#deaf) return Promise.resolve();
        const address = this.#address;
        const engine = loadEngine();
        this.#client ??= new engine.EngineClient(this.#address, grpc.credentials.createInsecure());
        const request = new engine.LogRequest()
            .setSeverity(engine.LogSeverity[severity])
            .setUrn(urn)
            .setMessage(text)
            .setEphemeral(ephemeral);
        const deadline = Date.now() + logDeadlineMilliseconds;
        const client = this.#client;
        return new Promise((resolve) =>
            client.log(request, new grpc.Metadata(), { deadline }, (error) => {
                if (error?.code === grpc.status.DEADLINE_EXCEEDED) this.#deaf = address;
                resolve();
            }),
        );
    }
}
