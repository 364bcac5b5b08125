import * as pulumi from "@pulumi/pulumi";
import { comesLater } from "./checked-args";
import type { SmartHostLink } from "./link";
import type { RouteArgs } from "./route-args";

type Link = pulumi.Input<SmartHostLink>;
type Dialling = RouteArgs & { smartHost: Link; implicitTls?: boolean };

/** The hubs' links as a laptop dials them: with TLS from the first byte it is another port of the same hub. */
export function dialImplicitly<T extends Dialling>(args: T): T {
    const { smartHost, fallbackSmartHosts: list, senderRelays, transports } = args;
    if (!args.implicitTls) return args;
    const inOrder = comesLater(list)
        ? pulumi.output(list).apply((links) => (links ?? []).map(wrapped))
        : (list as Link[] | undefined)?.map(wrapped);
    const maps = { senderRelays: mapped(senderRelays), transports: mapped(transports) };
    return { ...args, smartHost: wrapped(smartHost), fallbackSmartHosts: inOrder, ...maps };
}

function mapped(links: RouteArgs["transports"]): RouteArgs["transports"] {
    return links && Object.fromEntries(Object.entries(links).map(([key, link]) => [key, wrapped(link)]));
}

/** Field by field: a first preview knows the hub's name and ports, and not its pins. */
function wrapped(link: Link): pulumi.Output<SmartHostLink> {
    const { port, implicitTlsPort, version, hostname, pins, digest, certificateAuthority } =
        pulumi.output(link);
    const dialled = pulumi.all([port, implicitTlsPort]).apply(([starttls, implicit]) => implicit ?? starttls);
    return pulumi.output({ version, hostname, port: dialled, pins, digest, certificateAuthority });
}
