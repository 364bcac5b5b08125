import * as pulumi from "@pulumi/pulumi";
import { entriesOf, validateFleet } from "../postfix/validate/fleet";
import { validateLink } from "../postfix/validate/link";
import { assertValid, checkedArgs } from "./checked-args";
import { sealConnection } from "./connection";
import type { FleetArgs } from "./fleet-args";
import { bundlesOf, laptopsWith, makeLaptops, pendingOf } from "./fleet-laptops";
import type { Identity } from "./identity";
import type { LaptopProof } from "./laptop-proof";
import { readLaptopsFile } from "./laptops-file";
import { RelayAccess } from "./relay-access";
import { plainIdentity, plainProof, type RoadWarrior } from "./road-warrior";

/** What is no output: kept apart, because every field of a component class would have to be plain data. */
const inner = new WeakMap<Fleet, RoadWarrior[]>();

/**
 * The laptops of one group, and their one `RelayAccess` on the hub, in whatever stack: adding, removing or renaming a
 * laptop touches that laptop and the fleet's table on the hub, and nothing else. A laptop that is taken out is revoked on
 * the hub first, whether it can be reached or not.
 *
 * @example
 * ```ts
 * const prod = new pulumi.StackReference("organization/postfix-stacks/prod");
 * const berlin = new Fleet("berlin", {
 *     smartHost: linkOf(prod),
 *     relayAccess: { connection: { host: "192.0.2.25", user: "root", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." } },
 *     defaults: { sudo: true, onUnreachable: OnUnreachable.Pending, connection: { user: "admin" } },
 *     laptopsFile: "berlin.csv",
 * });
 * ```
 */
export class Fleet extends pulumi.ComponentResource {
    /** How the hub knows the laptops: their names and the pins of their keys. Nothing secret. */
    public readonly identities: pulumi.Output<Identity[]>;
    /** What each has proven to know its hub by: a hub asks for it before it changes its key. Nothing secret. */
    public readonly proofs: pulumi.Output<LaptopProof[]>;
    /** Names of the laptops that wait to be reached: the next `up` that reaches them makes what is outstanding. */
    public readonly pending: pulumi.Output<string[]>;
    /** The scripts of laptops with `bundle: true`, by name. A secret: each holds its laptop's key. */
    public readonly bundles: pulumi.Output<{ [name: string]: string }>;
    /** Names of the laptops. */
    public readonly laptopNames: pulumi.Output<string[]>;

    constructor(name: string, args: FleetArgs, opts: pulumi.ComponentResourceOptions = {}) {
        const subject = `Fleet "${name}"`;
        const given = { ...args };
        const file = readLaptopsFile(given.laptopsFile);
        assertValid(subject, given, (fields, problems, isKnown) =>
            validateFleet(fields, problems, isKnown, file),
        );
        const entries = entriesOf(given, file);
        const { relayAccess, laptopsFile } = given;
        // The laptops record what is theirs; once more here would be a second copy of each in the state.
        const recorded = {
            laptops: entries.map((entry) => entry.name),
            ...(laptopsFile === undefined ? {} : { laptopsFile }),
            ...(relayAccess === undefined
                ? {}
                : { relayAccess: { ...relayAccess, connection: sealConnection(relayAccess.connection) } }),
        };
        super("postfix:index:Fleet", name, recorded, opts);

        const { smartHost } = given;
        const { dependsOn } = opts;
        const wanted = laptopsWith(entries, given.defaults);
        const laptops = makeLaptops(wanted, smartHost, { parent: this, dependsOn });
        const names = entries.map((entry) => entry.name);
        if (relayAccess !== undefined) {
            // Behind the link: where that is refused nothing is granted either, and a hub of this stack comes first.
            const behind = pulumi
                .output(checkedLink(subject, smartHost))
                .apply(() => [] as pulumi.Resource[]);
            new RelayAccess(
                name,
                {
                    ...relayAccess,
                    laptops: laptops.map((laptop) => plainIdentity(laptop)),
                    proofs: laptops.map((laptop) => plainProof(laptop)),
                },
                pulumi.mergeOptions({ parent: this, dependsOn }, { dependsOn: behind }),
            );
        }
        inner.set(this, laptops);
        this.identities = pulumi.all(laptops.map((laptop) => laptop.identity));
        this.proofs = pulumi.all(laptops.map((laptop) => laptop.proof));
        this.pending = pendingOf(laptops);
        this.bundles = bundlesOf(laptops, wanted);
        this.laptopNames = pulumi.output(names);
        this.registerOutputs({
            identities: this.identities,
            proofs: this.proofs,
            pending: this.pending,
            bundles: this.bundles,
            laptopNames: this.laptopNames,
        });
    }

    /** The laptops, in the order in which they were given. */
    public get laptops(): RoadWarrior[] {
        const found = inner.get(this);
        if (!found)
            throw new Error("this Fleet was made by another copy of pulumi-postfix: `npm ls pulumi-postfix`");
        return found;
    }
}

/** The link once it has passed the check; a laptop checks its own. */
function checkedLink(subject: string, smartHost: FleetArgs["smartHost"]): FleetArgs["smartHost"] {
    return checkedArgs(subject, { smartHost }, (link, problems, isKnown) =>
        validateLink(link.smartHost, problems.at("smartHost"), isKnown),
    ).smartHost;
}
