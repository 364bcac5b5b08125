/** A laptop with two hubs in order of preference, and one for its work. */
import * as postfix from "pulumi-postfix";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
const hubAt = (name: string, hostname: string, host: string) =>
    new postfix.SmartHost(name, { hostname, connection: { host, user: "root", hostKey } });

const first = hubAt("first", "mailhub.example.com", "192.0.2.25");
const second = hubAt("second", "mailhub2.example.com", "192.0.2.26");
const work = hubAt("work", "relay.work.example", "198.51.100.25");

const alice = new postfix.RoadWarrior("alice", {
    smartHost: first.link,
    fallbackSmartHosts: [second.link],
    senderRelays: { "@work.example": work.link },
    connection: { host: "192.0.2.101", user: "admin", hostKey },
    sudo: true,
    onUnreachable: postfix.OnUnreachable.Pending,
    onDelete: postfix.OnDelete.Hold,
});

for (const hub of [first, second, work]) hub.relayFor("laptops", [alice]);
