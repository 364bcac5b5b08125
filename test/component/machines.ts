import type { RoadWarriorArgs, SmartHost, SmartHostArgs } from "../../components";

/** A public host key that no machine has. */
export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

export const hubArgs: SmartHostArgs = {
    hostname: "mailhub.example.com",
    connection: { host: "192.0.2.25", user: "root", hostKey },
};

export const laptopArgs = (hub: SmartHost, host: string): RoadWarriorArgs => ({
    smartHost: hub.link,
    connection: { host, user: "root", hostKey },
});
