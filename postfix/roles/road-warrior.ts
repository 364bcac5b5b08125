import type { Security } from "../words";
import { identityChain, loopbackNetworks } from "./common";
import { genericTable, laptopMailMain, rootTable, sampleMail } from "./laptop-mail";
import {
    authorityFile,
    policyTable,
    type RouteShape,
    routeMain,
    senderTable,
    transportTable,
} from "./routes";
import { laptopSaslMain, passwordTable } from "./sasl";
import { type TlsRole, tlsValues } from "./tls";

/** What a laptop says of itself, whichever hubs it has. */
export interface LaptopOwn {
    tls?: TlsRole;
    /** TLS from the first byte, on a port that is meant for it. */
    implicitTls?: boolean;
    /** It logs in by name and password; the table with them comes beside this. */
    sasl?: boolean;
}

/** Parameters that the role sets itself, so that the user's `settings` may not. */
export function roadWarriorOwns(
    security: Security,
    shape: RouteShape,
    own: LaptopOwn = {},
    args: Record<string, unknown> = {},
): string[] {
    const mail = laptopMailMain(sampleMail(args));
    return [...Object.keys(laptopMain(security, shape, own)), ...Object.keys(mail)];
}

/** Files that the role has, or may have one day: no table of the user's may be called so. */
export const roadWarriorFiles = [
    identityChain,
    policyTable,
    senderTable,
    transportTable,
    authorityFile,
    rootTable,
    genericTable,
    passwordTable,
];

/** All but the hub's name and pins, which a first preview may not know. */
export function laptopMain(
    security: Security,
    shape: RouteShape,
    own: LaptopOwn = {},
): Record<string, string> {
    const { logLevel, receivedHeader, protocols, ciphers } = tlsValues(own.tls);
    return {
        relayhost: "",
        ...routeMain(security, shape),
        smtp_tls_mandatory_protocols: protocols,
        smtp_tls_mandatory_ciphers: ciphers,
        smtp_tls_chain_files: `@{${identityChain}}`,
        smtp_tls_loglevel: logLevel,
        ...(own.implicitTls ? { smtp_tls_wrappermode: "yes" } : {}),
        ...(own.sasl ? laptopSaslMain : {}),
        tls_required_enable: "no",
        smtpd_tls_loglevel: logLevel,
        smtpd_tls_received_header: receivedHeader,
        mynetworks: loopbackNetworks,
    };
}
