import { Calls } from "./calls";
import { Constructions } from "./construct";
import { EngineLog } from "./engine";
import { describeStray } from "./errors";
import { grpc, ResourceProviderService } from "./sdk";
import { type Offer, service } from "./service";

export interface Serving {
    port: number;
    /** Nothing is being answered. */
    readonly idle: boolean;
    /** Asks everything that runs to stop; resolves when all of it has been answered. */
    stop(): Promise<void>;
    /** Says what went wrong outside of any call; nothing where the call that makes a component answers with it. */
    fault(error: unknown): string | undefined;
}

const anySize = -1;

/** Serves the provider on a free port of the loopback address, which is where the engine looks for it. */
export async function serve(offer: Offer, engineAddress: string | undefined): Promise<Serving> {
    const log = new EngineLog(engineAddress);
    const calls = new Calls(log);
    const constructions = new Constructions();
    const server = new grpc.Server({
        // The keys and pins of a large fleet pass the default of 4 MB.
        "grpc.max_receive_message_length": anySize,
        "grpc.max_send_message_length": anySize,
        "grpc.enable_channelz": 0,
    });
    server.addService(ResourceProviderService, service(offer, log, calls, constructions));
    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        ),
    );
    return {
        port,
        get idle() {
            return calls.idle;
        },
        stop: () => {
            calls.abort();
            return new Promise((resolve) => server.tryShutdown(() => resolve()));
        },
        fault: (error) => {
            if (constructions.fail(error)) return undefined;
            const { text, stack } = describeStray(error);
            void log.log({ severity: "ERROR", urn: "", text });
            if (stack) void log.log({ severity: "DEBUG", urn: "", text: stack });
            return text;
        },
    };
}
