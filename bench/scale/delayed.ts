import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** A socket whose every packet takes its time, in both directions: a line of that length. */
export class Delayed extends Duplex {
    constructor(
        private readonly socket: Socket,
        private readonly oneWayMs: number,
    ) {
        super();
        socket.on("data", (data) => setTimeout(() => this.push(data), oneWayMs));
        socket.on("end", () => setTimeout(() => this.push(null), oneWayMs));
        socket.on("error", (error) => this.destroy(error));
        socket.on("close", () => setTimeout(() => this.destroy(), oneWayMs));
    }

    override _read(): void {}

    override _write(data: Buffer, _encoding: string, done: () => void): void {
        setTimeout(() => {
            if (this.socket.writable) this.socket.write(data);
        }, this.oneWayMs);
        done();
    }

    override _final(done: () => void): void {
        setTimeout(() => this.socket.end(), this.oneWayMs);
        done();
    }

    override _destroy(error: Error | null, done: (error: Error | null) => void): void {
        this.socket.destroy();
        done(error);
    }
}
