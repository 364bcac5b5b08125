/** Some hubs, each with laptops of its own. */
import * as pulumi from "@pulumi/pulumi";
import * as postfix from "../../../components";

interface Machine {
    name: string;
    connection: { host: string; user: string; hostKey: string };
}
interface Hub extends Machine {
    hostname: string;
    settings: Record<string, string>;
    laptops: Machine[];
}

const config = new pulumi.Config();
const privateKey = config.requireSecret("privateKey");

for (const { name, hostname, settings, connection, laptops } of config.requireObject<Hub[]>("hubs")) {
    const hub = new postfix.SmartHost(name, {
        hostname,
        settings,
        connection: { ...connection, privateKey },
    });
    hub.relayFor(
        "laptops",
        laptops.map(
            (laptop) =>
                new postfix.RoadWarrior(laptop.name, {
                    smartHost: hub.link,
                    connection: { ...laptop.connection, privateKey },
                }),
        ),
    );
}
