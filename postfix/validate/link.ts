import { pinProblem } from "../pins";
import type { ProblemSink } from "../problems";
import { ArgsCheck, type IsKnown, isRecord } from "./args";
import { authorityFault } from "./authority";
import { show } from "./show";

/** The form of `SmartHostLink` that this package makes and reads. */
export const linkVersion = 1;

/** A hub's link, whole: a laptop that got only half of it would send its mail to whoever answers. */
export function validateLink(value: unknown, problems: ProblemSink, isKnown: IsKnown): void {
    if (!isKnown(value)) return;
    if (!isRecord(value)) {
        const remedy =
            "pass the hub's link; from another stack by linkOf, which fails where getOutput is silent";
        problems.add(
            "",
            `given ${show(value)}, allowed: { version, hostname, port, pins, digest }; ${remedy}`,
        );
        return;
    }
    const check = new ArgsCheck(value, problems, isKnown);
    check.required("version", `this package reads version ${linkVersion}`);
    check.given("version", (version) =>
        version === linkVersion
            ? undefined
            : `given ${show(version)}, allowed: ${linkVersion}; use the same release of pulumi-postfix on both sides`,
    );
    check.required("hostname", "the name under which laptops dial the hub");
    check.hostname("hostname");
    check.required("port", "the hub's port for laptops");
    check.port("port");
    check.port("implicitTlsPort");
    check.required("digest", 'the digest of the pins, "sha256"');
    check.given("digest", (digest) =>
        digest === "sha256" ? undefined : `given ${show(digest)}, allowed: "sha256"`,
    );
    check.given("certificateAuthority", authorityFault);
    validatePins(value, problems, isKnown);
}

/** `pins` of a link or of an identity: at least one, each well formed. */
export function validatePins(value: { pins?: unknown }, problems: ProblemSink, isKnown: IsKnown): void {
    const { pins } = value;
    if (!isKnown(pins)) return;
    if (!Array.isArray(pins) || pins.length === 0) {
        const given = Array.isArray(pins) ? "an empty list" : show(pins);
        problems.add(
            "pins",
            `given ${given}, allowed: at least one pin; without any, nothing would be proven`,
        );
        return;
    }
    for (const [index, pin] of pins.entries()) {
        if (!isKnown(pin)) continue;
        const reason = typeof pin === "string" ? pinProblem(pin) : `given ${show(pin)}, allowed: a pin`;
        if (reason) problems.add(`pins[${index}]`, reason);
    }
}
