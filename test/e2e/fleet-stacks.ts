import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grantLines } from "./grants";
import { repo } from "./lab";
import { ownProject } from "./own-project";
import { Stack } from "./stack";

/** A machine's arguments; who logs in comes from the operator's key. */
export type MachineArgs = Record<string, unknown> & { connection: Record<string, unknown> };

/** What a stack is: the hub's, or that of a fleet, which finds its hub by StackReference. */
export type Wanted = { hub: MachineArgs } | { laptops: Record<string, MachineArgs>; grantOn: MachineArgs };

/** Prints, on a hub, the keys that it relays for as they lie there now, one a line. */
export const grantedKeys = `${grantLines} | cut -d ' ' -f 1 | sort -u`;

/** A hub and fleets, each a stack of one project, all in one shared backend: a folder. */
export class FleetStacks {
    readonly folder: string;
    private readonly backend = mkdtempSync(join(tmpdir(), "pulumi-postfix-backend-"));
    private readonly stacks = new Map<string, Stack>();

    /** `provider` is the folder of the plugin's executable. */
    constructor(
        private readonly key: string,
        provider?: string,
        private readonly environment: Record<string, string> = {},
        /** How long one machine may take, e.g. "10m". */
        private readonly patience?: string,
    ) {
        this.folder = ownProject("stacks", program, provider);
    }

    /** The stack, and what its next run makes. */
    want(name: string, wanted: Wanted): Stack {
        const { key, patience } = this;
        const file = { key, patience, library: join(repo, "dist", "components"), ...wanted };
        writeFileSync(join(this.folder, `${name}.json`), JSON.stringify(file));
        return this.stack(name);
    }

    stack(name: string): Stack {
        const backend = { PULUMI_BACKEND_URL: `file://${this.backend}` };
        const stack =
            this.stacks.get(name) ?? new Stack(name, this.folder, Object.assign(this.environment, backend));
        this.stacks.set(name, stack);
        return stack;
    }

    remove(): void {
        for (const stack of this.stacks.values()) stack.remove();
        for (const folder of [this.folder, this.backend]) rmSync(folder, { recursive: true, force: true });
    }
}

const program = `
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { key, patience, library, hub, laptops, grantOn } = JSON.parse(readFileSync(__dirname + "/" + pulumi.getStack() + ".json", "utf8"));
const { RelayAccess, RoadWarrior, SmartHost } = require(library);
const privateKey = readFileSync(key, "utf8");
const reached = (args) => ({ ...args, connection: { ...args.connection, privateKey } });
const host = (args, opts) => { if (patience) opts.customTimeouts = { create: patience, update: patience }; };
if (hub) exports.smartHost = new SmartHost("hub", reached(hub)).link;
else {
    const smartHost = new pulumi.StackReference("organization/postfix-stacks/hub").requireOutput("smartHost");
    const made = Object.entries(laptops).map(([name, args]) => new RoadWarrior(name, { smartHost, ...reached(args) }, { transform: { host } }));
    const grant = new RelayAccess(pulumi.getStack(), { ...reached(grantOn), laptops: made.map(({ identity }) => identity) });
    exports.laptops = grant.laptopNames;
    exports.identities = made.map(({ identity }) => identity);
}
`;
