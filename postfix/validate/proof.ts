import { pinProblem } from "../pins";
import type { ProblemSink } from "../problems";
import { ArgsCheck, type IsKnown, isRecord } from "./args";
import { show } from "./show";

/** What a Host must show or meet: words of commands on the machine, so each must be what it is called. */
export function validateProof(value: unknown, problems: ProblemSink, isKnown: IsKnown): void {
    if (value === undefined || !isKnown(value)) return;
    if (!isRecord(value)) {
        problems.add("", `given ${show(value)}, allowed: { serves, reaches, alsoReaches }`);
        return;
    }
    const proof = new ArgsCheck(value, problems, isKnown);
    proof.onlyFields(["serves", "reaches", "alsoReaches"]);
    below(value.serves, problems.at("serves"), isKnown, (serves) => {
        serves.onlyFields(["port", "implicitTlsPort", "pins"]);
        serves.required("port", "the port of the laptops' service");
        serves.port("port");
        serves.port("implicitTlsPort");
        checkPins(serves, "pins");
    });
    below(value.reaches, problems.at("reaches"), isKnown, server);
    for (const { value: one, at } of proof.items("alsoReaches", "hubs")) below(one, at, isKnown, server);
}

function server(hub: ArgsCheck): void {
    hub.onlyFields(["host", "port", "implicitTls", "pins"]);
    hub.required("host", "the name of the hub");
    hub.hostname("host");
    hub.required("port", "the hub's port for laptops");
    hub.port("port");
    hub.flag("implicitTls");
    hub.required("pins", "the pins of the hub");
    checkPins(hub, "pins");
}

function below(value: unknown, at: ProblemSink, isKnown: IsKnown, look: (check: ArgsCheck) => void): void {
    if (value === undefined || !isKnown(value)) return;
    if (isRecord(value)) look(new ArgsCheck(value, at, isKnown));
    else at.add("", `given ${show(value)}, allowed: an object`);
}

/** A list of pins, empty where no key is looked at. */
export function checkPins(check: ArgsCheck, field: string): void {
    for (const { value, at } of check.items(field, "pins")) {
        const reason = typeof value === "string" ? pinProblem(value) : `given ${show(value)}, allowed: a pin`;
        if (reason) at.add("", reason);
    }
}
