import type { ProblemSink } from "../problems";
import { SmartHostMode, smartHostOwns } from "../roles/smart-host";
import { ArgsCheck, type IsKnown, type Plain } from "./args";
import { checkCertificates, checkHubCertificates, hubCertificateFields } from "./certificates";
import { checkMachine, machineFields } from "./machine";
import { validateSettings } from "./settings";

export const smartHostFields = [
    ...machineFields,
    ...hubCertificateFields,
    "hostname",
    "mode",
    "port",
    "keyGeneration",
] as const;

/** The port on which laptops are served unless told otherwise: submission (RFC 6409). */
export const defaultPort = 587;

export function validateSmartHost(args: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const check = new ArgsCheck(args, problems, isKnown);
    check.onlyFields(smartHostFields);
    check.required("hostname", "the name under which laptops dial the hub, e.g. mailhub.example.com");
    check.hostname("hostname");
    checkMachine(check);
    checkCertificates(check, "keyGeneration");
    checkHubCertificates(check);
    check.oneOf("mode", SmartHostMode);
    check.port("port");
    check.wholeNumber("keyGeneration", 1, Number.MAX_SAFE_INTEGER, "1, 2, 3, ...: one more for each new key");
    const port = typeof args.port === "number" ? args.port : defaultPort;
    const mode = Object.values(SmartHostMode).find((word) => word === args.mode) ?? SmartHostMode.Dedicated;
    if (mode === SmartHostMode.Guest && port === 25) {
        problems.add(
            "port",
            'given 25, which is the admin\'s own in mode "guest"; choose another port, e.g. 587, or mode "dedicated"',
        );
    }
    if (mode === SmartHostMode.Guest && args.exclusive === true) {
        problems.add(
            "exclusive",
            'given true, which takes the admin\'s main.cf away, and mode "guest" leaves it as it is: leave one of the two out',
        );
    }
    validateSettings(args.settings, problems.at("settings"), { owned: smartHostOwns(mode, port), isKnown });
}
