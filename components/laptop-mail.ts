import * as pulumi from "@pulumi/pulumi";
import {
    type LaptopMail,
    laptopMailMain,
    laptopMailTables,
    laptopServices,
    sampleMail,
} from "../postfix/roles/laptop-mail";
import type { HostArgs } from "./host";
import type { LaptopMailArgs } from "./laptop-args";

/** The laptop's own mail as parts of its `Host`, each value by itself: which there are is known at once. */
export function laptopMail(args: LaptopMailArgs): Pick<HostArgs, "main" | "services" | "tables"> {
    const { queueLifetime, delayWarningTime, inetInterfaces, mydestination, myorigin } = args;
    const { rootMail, genericAddresses, chroot } = args;
    const mail = pulumi.output({
        queueLifetime,
        delayWarningTime,
        inetInterfaces,
        mydestination,
        myorigin,
        rootMail,
        genericAddresses,
    }) as pulumi.Output<LaptopMail>;
    const sample = sampleMail({ ...args });
    const parameters = Object.keys(laptopMailMain(sample)).map((name) => [
        name,
        mail.apply((known) => laptopMailMain(known)[name] ?? ""),
    ]);
    const tables = Object.keys(laptopMailTables(sample)).map((name) => [
        name,
        mail.apply((known) => laptopMailTables(known)[name] ?? {}),
    ]);
    return {
        main: Object.fromEntries(parameters),
        services: laptopServices(chroot),
        ...(tables.length > 0 ? { tables: Object.fromEntries(tables) } : {}),
    };
}
