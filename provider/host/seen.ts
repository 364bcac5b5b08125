import { unmanagedSettings } from "../../postfix/unmanaged";
import { printable } from "../printable";
import type { ReadRequest, ReadResult } from "../resource";
import type { RemoteHost } from "../ssh/connect";
import { observe } from "./drift";
import { generationInUse } from "./generation";
import { parseId } from "./identity";
import type { HostInputs } from "./inputs";
import { refuseLaterMarks } from "./marks";
import { probe } from "./probe";
import { refreshedPins } from "./served-pins";
import { spoiled } from "./spoiled";
import { observed, plain } from "./state";

/** A fragment as it stands on its host now, in the words of its program; its `id` is empty where it is gone. */
export async function seenOn(
    host: RemoteHost,
    inputs: HostInputs,
    request: ReadRequest,
): Promise<ReadResult> {
    const id = parseId(request.id);
    const known = String(plain(request.olds).generation ?? "");
    const facts = await probe(host, {
        ports: [],
        live: known && `${id.owner}/${known}`,
        certificateFiles: inputs.certificateFiles,
    });
    refuseLaterMarks(facts);
    const generation = generationInUse(facts, id.owner, known) ?? known;
    const seen = observe(inputs, facts, id.owner, generation);
    if (!seen) return { id: "", outputs: {}, inputs: {} };
    if (!facts.running) request.warn("Postfix does not run on this host; the next up starts it");
    const drifted = observed(request.oldInputs, seen);
    const troubles = spoiled(inputs, facts, id.owner, generation);
    const { spoiled: _, ...olds } = request.olds;
    return {
        id: request.id,
        inputs: { ...request.oldInputs, ...drifted },
        outputs: {
            ...olds,
            ...drifted,
            ...(troubles.length > 0 ? { spoiled: troubles } : {}),
            postfixVersion: facts.version,
            ...(generation ? { generation } : {}),
            unmanaged: unmanagedSettings(facts.mainCf, facts).map(printable),
            ...refreshedPins(inputs, facts, request.olds.servedPins, request),
            // What is off proves nothing: the next run starts it.
            ...(facts.running ? {} : { provenBy: "unproven" }),
        },
    };
}
