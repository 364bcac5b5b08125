import type { CertificateFiles } from "../../postfix/roles/certificates";
import { type PropertyMap, type PropertyValue, unknown } from "../values";
import { servedPins } from "./certificate-files";
import type { Teller } from "./change";
import type { HostFacts } from "./facts";
import type { HostInputs } from "./inputs";

/** The output `servedPins` of a preview: what the host has, if it could be asked. */
export function shownPins(inputs: HostInputs, seen: PropertyValue | undefined): PropertyMap {
    return inputs.certificateFiles ? { servedPins: seen ?? unknown } : {};
}

/**
 * The outputs after a look at the host: a key that was exchanged there is one that nobody has proven yet, which the
 * next run does before it tells the laptops. Where a file is missing the old pins stay: a laptop that keeps its pin sends
 * nothing, one without would have to be refused.
 */
export function refreshedPins(
    inputs: HostInputs,
    facts: HostFacts,
    before: PropertyValue | undefined,
    tell: Teller,
): PropertyMap {
    const files = inputs.certificateFiles;
    if (!files) return {};
    const { pins, problems } = servedPins(inputs, facts);
    for (const { path, reason } of problems) tell.warn(`${path}: ${reason}`);
    if (pins.includes("")) return {};
    const exchanged = exchangedKey(files, before, pins);
    if (exchanged === undefined) return { servedPins: pins };
    if (problems.length === 0) tell.warn(exchanged);
    return { servedPins: pins, provenBy: "unproven" };
}

/** What to do about a key that was exchanged on the host: its laptops cannot send until they pin the new one. */
function exchangedKey(files: CertificateFiles[], before: unknown, pins: string[]): string | undefined {
    const known: unknown[] = Array.isArray(before) ? before : [];
    const place = pins.findIndex((pin) => !known.includes(pin));
    if (known.length === 0 || place < 0) return undefined;
    return `the key in ${files[place]?.certificateFile} is another one now, ${pins[place]}. Laptops that pin the former one cannot send, their mail waits until \`pulumi up\` has given them the new pin. Let the key stay when the certificate is renewed: certbot renew --reuse-key`;
}
