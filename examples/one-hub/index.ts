/** A hub and two laptops, in code. */
import * as postfix from "pulumi-postfix";

const hub = new postfix.SmartHost("hub", {
    hostname: "mailhub.example.com",
    connection: {
        host: "192.0.2.25",
        user: "root",
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
    },
    settings: { message_size_limit: "52428800" },
});

const laptops = [
    {
        name: "alice",
        host: "192.0.2.101",
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
    },
    {
        name: "bob",
        host: "192.0.2.102",
        hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
    },
].map(
    ({ name, host, hostKey }) =>
        new postfix.RoadWarrior(name, {
            smartHost: hub.link,
            connection: { host, user: "admin", hostKey },
            sudo: true,
            onUnreachable: postfix.OnUnreachable.Pending,
            onDelete: postfix.OnDelete.Hold,
        }),
);

hub.relayFor("laptops", laptops);

/** For fleets in other stacks. Nothing secret. */
export const smartHost = hub.link;
