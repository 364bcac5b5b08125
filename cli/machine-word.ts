import { type Address, parseAddress } from "../provider/ssh/address";
import { UsageError } from "./exit-codes";

/** A machine with its name, as it is written on the command line: `alice=admin@192.0.2.101:2222`. */
export interface MachineWord extends Address {
    name: string;
}

export function addressOf(option: string, word: string): Address {
    const address = parseAddress(word);
    if (address) return address;
    throw new UsageError(
        `${option}: given ${JSON.stringify(word)}, allowed: [USER@]ADDRESS[:PORT], an IPv6 address in brackets`,
    );
}

export function parseMachine(option: string, word: string): MachineWord {
    const [, name, address] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || address === undefined) {
        throw new UsageError(`${option}: given ${JSON.stringify(word)}, allowed: NAME=[USER@]ADDRESS[:PORT]`);
    }
    return { name, ...addressOf(option, address) };
}
