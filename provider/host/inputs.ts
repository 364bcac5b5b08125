import type { CertificateFiles } from "../../postfix/roles/certificates";
import { levelOf } from "../../postfix/roles/routes";
import type { ChainEntry, HostSettings, Role } from "../../postfix/settings";
import type { Connection } from "../../postfix/validate/connection";
import { OnDelete, type OnUnreachable, Security } from "../../postfix/words";

/** A hub as a laptop dials it, and its keys. */
export interface Server {
    host: string;
    port: number;
    /** It speaks TLS from the first byte there. */
    implicitTls?: boolean;
    pins: string[];
}

/** What a laptop or hub must show once the change is made. */
export interface Proof {
    /** The hub: what it serves on these ports is one of these keys, or of those in its certificate files. */
    serves?: { port: number; implicitTlsPort?: number; pins?: string[] };
    /** The laptop: its own smtp(8) meets one of these keys at the hub. */
    reaches?: Server;
    /** Its further hubs, each with pins of its own. */
    alsoReaches?: Server[];
}

/** The inputs of `postfix:index:Host`, checked and with every secret revealed: never print one whole. */
export interface HostInputs extends HostSettings {
    owner: string;
    role: Role;
    connection: Connection;
    sudo?: boolean;
    knownHosts?: string;
    insecureIgnoreHostKey?: boolean;
    onUnreachable?: OnUnreachable;
    takeOver: string[];
    onDelete: OnDelete;
    /** Postfix is put there before, where it is missing; a preview comes too early for it. */
    installPackage?: boolean;
    keyGeneration?: number;
    /** What each network manager is to do when it brings the network back, by its name. */
    networkHooks?: Record<string, string>;
    /** Pins of the hub's keys to come, which its link names beside those of the key it serves. */
    announces?: string[];
    /** Names of laptops that a change of the hub's key may cut off. */
    leaveBehind?: string[];
    /** Keys and certificates that lie on the host already and are renewed there. */
    certificateFiles?: CertificateFiles[];
    proof?: Proof;
    /** Names that the host's Postfix does not know may be written. */
    allowUnknown?: boolean;
    /** main.cf has no other lines than this owner's and the installation's. */
    exclusive?: boolean;
}

/** The properties that describe the host's configuration; everything else only says how it is reached or treated. */
export const configurationKeys = [
    "main",
    "lists",
    "services",
    "closed",
    "chains",
    "authorities",
    "certificateFiles",
    "tables",
    "keyGeneration",
    "exclusive",
    "networkHooks",
] as const;

/** Changing these is written down in the state and nothing more. */
export const bookkeepingKeys = [
    "connection",
    "sudo",
    "knownHosts",
    "insecureIgnoreHostKey",
    "onUnreachable",
    "takeOver",
    "onDelete",
    "installPackage",
    "allowUnknown",
    "proof",
    "announces",
    "leaveBehind",
    "role",
    "owner",
] as const;

/** Whether this laptop knows its hubs by their keys, so that seeing one proves something. */
export const looksAtKeys = ({ main }: Pick<HostInputs, "main">): boolean =>
    main.smtp_tls_security_level === levelOf[Security.Fingerprint];

/** Values as the engine hands them over, secrets revealed, become typed inputs; absent maps become empty ones. */
export function readInputs(values: Record<string, unknown>): HostInputs {
    const inputs = values as unknown as Partial<HostInputs>;
    return {
        ...inputs,
        owner: inputs.owner ?? "",
        role: inputs.role as Role,
        connection: inputs.connection as Connection,
        takeOver: inputs.takeOver ?? [],
        onDelete: inputs.onDelete ?? OnDelete.Stop,
        main: inputs.main ?? {},
        lists: inputs.lists ?? {},
        services: Object.fromEntries(
            Object.entries(inputs.services ?? {}).map(([name, service]) => [
                name,
                { ...service, options: service.options ?? {} },
            ]),
        ),
        chains: inputs.chains ?? {},
        tables: inputs.tables ?? {},
    };
}

/** The content of a chain file: key first, then its certificate, for each pair (postconf(5), smtpd_tls_chain_files). */
export function chainFile(entries: ChainEntry[]): string {
    return entries.map((entry) => `${entry.privateKey.trim()}\n${entry.certificate.trim()}\n`).join("");
}

export const authorityText = (pem: string): string => `${pem.trim()}\n`;

/** Name of a chain's or authority's file in the generation folder. */
export const pemFileName = (name: string): string => `${name}.pem`;

/** Whether the user has given the word that this line of the admin's may yield. */
export function takesOver(inputs: HostInputs, name: string): boolean {
    return inputs.takeOver.includes(name) || inputs.takeOver.includes("*");
}
