import type { ProblemSink } from "../problems";
import { SmartHostMode, smartHostOwns, smartHostSettings } from "../roles/smart-host";
import { KeyAlgorithm } from "../words";
import { ArgsCheck, type IsKnown, type Plain } from "./args";
import { checkCertificates, checkHubCertificates, hubCertificateFields } from "./certificates";
import { checkHatch } from "./hatch";
import { checkHubTls, hubTlsFields, hubTlsOf } from "./hub-tls";
import { checkMachine, machineFields, machineThereNow } from "./machine";
import { checkHubSasl, saslOfHub } from "./sasl";
import { validateSettings } from "./settings";
import { show } from "./show";
import { whatIsThere } from "./there-now";

export const smartHostFields = [
    ...machineFields,
    ...hubCertificateFields,
    "hostname",
    "mode",
    "port",
    "keyGeneration",
    "nextKeyAlgorithm",
    "leaveBehind",
    ...hubTlsFields,
    "sasl",
] as const;

const thereNow = [
    ...machineThereNow,
    ...hubTlsFields,
    "mode",
    "port",
    "keyGeneration",
    "nextKeyAlgorithm",
    "sasl",
] as const;

/** The port on which laptops are served unless told otherwise: submission (RFC 6409). */
export const defaultPort = 587;

export function validateSmartHost(given: Plain, problems: ProblemSink, isKnown: IsKnown): void {
    const args = whatIsThere(given, thereNow, problems, isKnown);
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
    checkNextKey(check);
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
    checkHubTls(check, mode, port);
    checkHubSasl(check, port);
    const role = { ...saslOfHub(args), mode, port, hubTls: hubTlsOf(args) };
    const { services, chains, tables, authorities } = smartHostSettings({
        ...role,
        identity: [],
        settings: {},
    });
    const files = [chains, tables, authorities].flatMap((map) => Object.keys(map ?? {}));
    checkHatch(check, { services: Object.keys(services), files });
    validateSettings(args.settings, problems.at("settings"), { owned: smartHostOwns(role), isKnown });
}

function checkNextKey(check: ArgsCheck): void {
    check.oneOf("nextKeyAlgorithm", KeyAlgorithm);
    const { args, problems } = check;
    const own = ["certificates", "certificateFiles"].find((field) => args[field] !== undefined);
    if (args.nextKeyAlgorithm !== undefined && own !== undefined)
        problems.add(
            "nextKeyAlgorithm",
            `is of keys that are made here, and ${own} gives your own: leave it out`,
        );
    for (const { value, at } of check.items("leaveBehind", "names of laptops")) {
        if (typeof value !== "string" || value === "")
            at.add(
                "",
                `given ${show(value)}, allowed: the name of a laptop, as an error of a key step names it`,
            );
    }
}
