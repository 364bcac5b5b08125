import { partName, readSettings, sharedOwner } from "../../postfix/compose";
import { readBlocks } from "../../postfix/fragment/read";
import { Role } from "../../postfix/settings";
import { unmanagedSettings } from "../../postfix/unmanaged";
import { isFragmentOwner } from "../../postfix/validate/machine";
import { UserError } from "../errors";
import { printable } from "../printable";
import type { ReadRequest, ReadResult } from "../resource";
import { type Address, parseAddress } from "../ssh/address";
import type { PropertyMap } from "../values";
import { reach } from "./change";
import type { HostFacts } from "./facts";
import { generationInUse } from "./generation";
import { formatId, labelOf } from "./identity";
import { readInputs } from "./inputs";
import { probe } from "./probe";
import { schema } from "./state";

/** What `pulumi import` is told: where the machine is, and which fragment there. */
interface Asked extends Address {
    owner: string;
}

const form =
    "[USER@]ADDRESS[:PORT]#OWNER, e.g. root@192.0.2.101#alice-1a2b3c4d, as it stands behind BEGIN in main.cf";

/**
 * A fragment whose state is lost, by a login as ssh(1) would make it: keys of the SSH agent, host keys of known_hosts. Its
 * settings come back; its private key does not leave the machine, so the next `up` gives it a new one.
 */
export async function imported(request: ReadRequest): Promise<ReadResult> {
    const { user, host, port, owner } = parseAsked(request.id);
    const login = {
        connection: { host, user, ...(port !== 22 && { port }) },
        ...(user !== "root" && { sudo: true }),
        knownHosts: "~/.ssh/known_hosts",
    };
    const facts = await reach(readInputs(login), request, (machine) => probe(machine, { ports: [] }));
    // A guest hub's settings stand in master.cf alone.
    const [inMain, inMaster] = [readBlocks(facts.mainCf), readBlocks(facts.masterCf)];
    const blocks = [...inMain, ...inMaster];
    const block = blocks.find((candidate) => candidate.owner === owner);
    if (!block) {
        const there = [...new Set(blocks.map((candidate) => candidate.owner))].filter(
            (name) => name !== sharedOwner,
        );
        throw refused(
            `${host} has no fragment of ${owner}; ${there.length > 0 ? `there are: ${there.join(", ")}` : "none of pulumi-postfix is there"}`,
        );
    }
    const settings = inMain.includes(block) ? readSettings(block.body) : [];
    const hasServices = inMaster.some((candidate) => candidate.owner === owner);
    const inputs: PropertyMap = {
        owner: labelOf(owner),
        role: roleOf(owner, settings, hasServices),
        ...login,
        main: Object.fromEntries(settings.filter(([name]) => !name.startsWith("pulumi_"))),
    };
    return {
        id: formatId({ owner, instance: block.instance }),
        inputs,
        outputs: { ...inputs, ...outputsOf(facts, owner) },
    };
}

function outputsOf(facts: HostFacts, owner: string): PropertyMap {
    const generation = generationInUse(facts, owner);
    return {
        postfixVersion: facts.version,
        ...(generation && { generation }),
        unmanaged: unmanagedSettings(facts.mainCf, facts).map(printable),
        // Its program says what is to be proven; the next `up` does it.
        provenBy: "unproven",
        pending: false,
        schema,
    };
}

function parseAsked(id: string): Asked {
    const [, word = "", owner = ""] = /^([^#]*)#(.*)$/.exec(id) ?? [];
    const address = parseAddress(word);
    if (!address || !isFragmentOwner(owner)) throw refused(`given ${JSON.stringify(id)}, allowed: ${form}`);
    return { ...address, owner };
}

/** A hub has services of its own, and may grant laptops beside; a grant has none. */
function roleOf(owner: string, settings: [name: string, value: string][], hasServices: boolean): Role {
    const names = settings.map(([name]) => name);
    if (names.includes("relayhost") && names.includes("smtp_tls_security_level")) return Role.RoadWarrior;
    if (hasServices) return Role.SmartHost;
    return names.includes(partName(owner, "relay_clientcerts")) ? Role.RelayAccess : Role.LaptopProofs;
}

const refused = (reason: string): UserError => new UserError([{ path: "id", reason }]);
