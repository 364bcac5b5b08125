import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Mask, maskOf, publicNames } from "../mask";
import { printable, shortened } from "../printable";
import { secretTexts } from "../values";
import { fromStruct } from "./marshal";

type Reader = () => Struct | undefined;

/** Where the requests of the protocol hold properties. */
interface WithProperties {
    getProperties?: Reader;
    getInputs?: Reader;
    getOlds?: Reader;
    getOldInputs?: Reader;
    getNews?: Reader;
    getArgs?: Reader;
}

/** What gRPC carries as an error is a header; and nobody reads more. */
const mostCharacters = 16_384;

/**
 * Takes out of a text whatever is secret among a request's properties, and what a terminal would obey. All that we say
 * about a request goes through here: a password or an escape code may stand in a line of the host that a message quotes.
 */
export function maskOfRequest(request: unknown): Mask {
    let mask: Mask | undefined;
    return (text) => {
        mask ??= maskOf(secretsOf(request as WithProperties));
        return shortened(printable(mask(text)), mostCharacters);
    };
}

function secretsOf(request: WithProperties): string[] {
    const maps = [
        request.getProperties?.(),
        request.getInputs?.(),
        request.getOlds?.(),
        request.getOldInputs?.(),
        request.getNews?.(),
        request.getArgs?.(),
    ];
    return maps.flatMap((map) => secretTexts(fromStruct(map), publicNames));
}
