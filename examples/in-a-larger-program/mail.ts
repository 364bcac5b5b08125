import * as pulumi from "@pulumi/pulumi";
import * as postfix from "pulumi-postfix";
import type { VirtualMachine } from "./virtual-machine";

/** What the company has to say of its mail, and nothing that is the same for everybody. */
export interface MailArgs {
    hostname: string;
    machine: VirtualMachine;
    laptops: Record<string, { host: string; hostKey: string }>;
}

/** The company's own component: its rules for hubs and laptops are written once, here. */
export class Mail extends pulumi.ComponentResource {
    readonly smartHost: pulumi.Output<postfix.SmartHostLink>;

    constructor(
        name: string,
        { hostname, machine, laptops }: MailArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("company:index:Mail", name, {}, opts);
        const hub = new postfix.SmartHost(
            `${name}-hub`,
            {
                hostname,
                // Both are outputs: in the first preview nobody knows them, and no host is looked at.
                connection: { host: machine.publicIp, user: "root", hostKey: machine.hostKey },
                settings: { message_size_limit: "52428800" },
            },
            { parent: this },
        );
        const fleet = Object.entries(laptops).map(
            ([laptop, { host, hostKey }]) =>
                new postfix.RoadWarrior(
                    laptop,
                    {
                        smartHost: hub.link,
                        connection: { host, user: "admin", hostKey },
                        sudo: true,
                        onUnreachable: postfix.OnUnreachable.Pending,
                        onDelete: postfix.OnDelete.Hold,
                    },
                    { parent: this },
                ),
        );
        hub.relayFor(`${name}-laptops`, fleet);
        this.smartHost = hub.link;
        this.registerOutputs({ smartHost: this.smartHost });
    }
}
