import assert from "node:assert/strict";
import { labHost } from "./lab";

/** The machines of an example become the lab's: addresses and, behind each, the next host key. */
export function inTheLab(text: string, machines: Record<string, string>): string {
    let made = text;
    for (const [address, name] of Object.entries(machines)) {
        const { ip, hostKey } = labHost(name);
        assert.ok(made.includes(address), `${address} is not in the text`);
        const [before = "", ...rest] = made.split(address);
        const behind = rest.join(address).replace(/ssh-ed25519 AAAA[^\s"]*/, () => hostKey);
        made = before + ip + behind;
    }
    return made;
}
