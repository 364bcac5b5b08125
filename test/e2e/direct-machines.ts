import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { relayAccessSettings } from "../../postfix/roles/relay-access";
import { type SmartHostRole, smartHostSettings } from "../../postfix/roles/smart-host";
import { type HostSettings, Role } from "../../postfix/settings";
import { type Pair, pinOf, selfSigned } from "../certificates";
import { secretOf } from "../provider/grpc/harness";
import { type RoadWarriorRole, roadWarriorSettings } from "../road-warrior-settings";
import { reached, type Values } from "./direct";
import { labHost } from "./lab";

/** A key, its certificate and its pin. */
export interface KeyPair extends Pair {
    pin: string;
}

export function newKeyPair(name: string): KeyPair {
    const pair = selfSigned(name);
    return { ...pair, pin: pinOf(pair.privateKey) };
}

const withoutPin = ({ privateKey, certificate }: KeyPair): Pair => ({ privateKey, certificate });

/** Inputs of `postfix:index:Host` as the components make them, for a machine of the lab. */
function inputs(owner: string, host: string, role: Role, settings: HostSettings, more: Values): Values {
    const chains = Object.fromEntries(
        Object.entries(settings.chains).map(([name, entries]) => [
            name,
            entries.map((entry) => ({ ...entry, privateKey: secretOf(entry.privateKey) })),
        ]),
    );
    const plain = JSON.parse(JSON.stringify(settings)) as Record<string, JavaScriptValue>;
    return { owner, role, takeOver: [], onDelete: "stop", ...reached(host), ...plain, chains, ...more };
}

/** A hub that serves this key to laptops. */
export function directHub(
    host: string,
    key: KeyPair,
    role: Partial<SmartHostRole> = {},
    more: Values = {},
): Values {
    const settings = smartHostSettings({
        mode: "dedicated",
        port: 587,
        identity: [withoutPin(key)],
        settings: {},
        ...role,
    });
    const serves = { port: role.port ?? 587, pins: [key.pin] };
    return inputs("hub", host, Role.SmartHost, settings, { proof: { serves }, ...more });
}

/** A laptop that knows its hub by that key's pin, and has a key of its own. */
export function directLaptop(
    host: string,
    key: KeyPair,
    hub: { host: string; port?: number; pins: string[] },
    role: Partial<RoadWarriorRole> = {},
    more: Values = {},
): Values {
    const server = { hostname: labHost(hub.host).fqdn, port: hub.port ?? 587, pins: hub.pins };
    const settings = roadWarriorSettings({
        hub: server,
        identity: [withoutPin(key)],
        settings: {},
        ...role,
    });
    const reaches = { host: server.hostname, port: server.port, pins: server.pins };
    return inputs(host, host, Role.RoadWarrior, settings, { proof: { reaches }, ...more });
}

/** The pins of laptops on a hub. */
export function directGrant(
    owner: string,
    hub: string,
    laptops: { name: string; pins: string[] }[],
    more: Values = {},
): Values {
    return inputs(owner, hub, Role.RelayAccess, relayAccessSettings(laptops), more);
}
