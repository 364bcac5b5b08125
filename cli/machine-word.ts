import { UsageError } from "./exit-codes";

/** How a machine is reached, as it is written on the command line: `admin@192.0.2.101:2222`. */
export interface Address {
    user: string;
    host: string;
    port: number;
}

/** A machine with its name: `alice=admin@192.0.2.101:2222`. */
export interface MachineWord extends Address {
    name: string;
}

export function parseAddress(option: string, word: string): Address {
    const found = /^(?:([^@=]+)@)?(\[[^\]]+\]|[^:@=]+)(?::(\d{1,5}))?$/.exec(word);
    const port = Number(found?.[3] ?? 22);
    if (!found || port < 1 || port > 65535) {
        throw new UsageError(
            `${option}: given ${JSON.stringify(word)}, allowed: [USER@]ADDRESS[:PORT], an IPv6 address in brackets`,
        );
    }
    const [, user = "root", host = ""] = found;
    return { user, host: host.replace(/^\[|\]$/g, ""), port };
}

export function parseMachine(option: string, word: string): MachineWord {
    const [, name, address] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || address === undefined) {
        throw new UsageError(`${option}: given ${JSON.stringify(word)}, allowed: NAME=[USER@]ADDRESS[:PORT]`);
    }
    return { name, ...parseAddress(option, address) };
}
