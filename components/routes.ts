import * as pulumi from "@pulumi/pulumi";
import { laptopMain } from "../postfix/roles/road-warrior";
import {
    authorityFile,
    type Hub,
    type HubAddress,
    needsMatch,
    policyEntries,
    policyTable,
    relayhost,
    senderEntries,
    senderTable,
    transportEntries,
    transportTable,
} from "../postfix/roles/routes";
import { tlsOf } from "../postfix/roles/tls";
import { shapeOf } from "../postfix/validate/routes";
import { Security } from "../postfix/words";
import { comesLater } from "./checked-args";
import type { HostArgs, HostReachesArgs } from "./host";
import type { SmartHostLink } from "./link";
import type { RouteArgs } from "./route-args";
import type { LaptopLoginArgs } from "./sasl-args";
import type { TlsArgs } from "./tls-args";

type LinkArgs = RouteArgs &
    TlsArgs &
    LaptopLoginArgs & { smartHost: pulumi.Input<SmartHostLink>; implicitTls?: boolean };

type Routed = Pick<HostArgs, "main" | "tables" | "authorities"> & {
    proof: { reaches: HostReachesArgs; alsoReaches?: pulumi.Output<HostReachesArgs[]> };
};

/**
 * The role's settings, each value by itself: a first preview shows all but the pins, which it cannot know. `given` has
 * the links as they came, with what is known of them; `checked` those that have passed the check.
 */
export function routed(given: LinkArgs, checked: LinkArgs): Routed {
    const security = checked.security ?? Security.Fingerprint;
    const shape = shapeOf({ ...checked }, (value) => !comesLater(value));
    const hubs = listOf([given.smartHost], given.fallbackSmartHosts, addressOf);
    const first = hubOf(checked.smartHost);
    const implicit = checked.implicitTls ? { implicitTls: true } : {};
    const all = allOf(checked);
    const tables: Record<string, { entries: pulumi.Output<Record<string, string>> }> = {};
    if (security === Security.Fingerprint && shape.several)
        tables[policyTable] = { entries: all.apply(policyEntries) };
    if (shape.senders)
        tables[senderTable] = { entries: mapOf(given.senderRelays, addressOf).apply(senderEntries) };
    if (shape.transports)
        tables[transportTable] = { entries: mapOf(given.transports, addressOf).apply(transportEntries) };
    const main: Record<string, pulumi.Input<string>> = {
        ...laptopMain(security, shape, {
            tls: tlsOf(checked),
            implicitTls: checked.implicitTls,
            sasl: checked.sasl !== undefined,
        }),
        relayhost: hubs.apply(relayhost),
    };
    if (needsMatch(security, shape))
        main.smtp_tls_fingerprint_cert_match = first.apply(({ pins }) => pins.join(", "));
    return {
        main,
        ...(Object.keys(tables).length > 0 ? { tables } : {}),
        ...(security === Security.Secure ? { authorities: { [authorityFile]: authorityOf(checked) } } : {}),
        proof: {
            reaches: { ...reachesOf(given.smartHost, checked.smartHost), ...implicit },
            ...(shape.several
                ? {
                      alsoReaches: pulumi
                          .all([first, all])
                          .apply((hubs) => others(hubs).map((hub) => ({ ...hub, ...implicit }))),
                  }
                : {}),
        },
    };
}

/** Whoever chose it may have done so long ago: said again by every run. */
export function warnOfSecurity(laptop: pulumi.Resource, security: RouteArgs["security"]): void {
    if (security !== Security.Encrypt) return;
    const warning =
        'security "encrypt" does not look who answers: whoever stands between this laptop and its hub can pass for the hub, and read and change its mail; "fingerprint" cannot be deceived so';
    pulumi.log.warn(warning, laptop);
}

/** What the argument says, else all that the links name: one file for all hubs, postconf(5) knows no other. */
function authorityOf({ certificateAuthority, ...links }: LinkArgs): pulumi.Input<string> {
    if (certificateAuthority !== undefined) return certificateAuthority;
    const named = (link: SmartHostLink): string[] =>
        link.certificateAuthority === undefined ? [] : [link.certificateAuthority.trim()];
    return allLinks(links).apply((all) => [...new Set(all.flatMap(named))].join("\n"));
}

function reachesOf(
    given: pulumi.Input<SmartHostLink>,
    checked: pulumi.Input<SmartHostLink>,
): HostReachesArgs {
    const { hostname, port } = pulumi.output(given);
    return { host: hostname, port, pins: pulumi.output(checked).pins };
}

function addressOf(link: pulumi.Input<SmartHostLink>): pulumi.Output<HubAddress> {
    const { hostname, port } = pulumi.output(link);
    return pulumi.all([hostname, port]).apply(([name, number]) => ({ hostname: name, port: number }));
}

function hubOf(link: pulumi.Input<SmartHostLink>): pulumi.Output<Hub> {
    return pulumi.output(link).apply(({ hostname, port, pins }) => ({ hostname, port, pins }));
}

type Each<T> = (link: pulumi.Input<SmartHostLink>) => pulumi.Output<T>;

/** Each link by itself where the list is there, so that a preview knows of one what another lacks. */
function listOf<T>(
    first: pulumi.Input<SmartHostLink>[],
    more: RouteArgs["fallbackSmartHosts"],
    each: Each<T>,
): pulumi.Output<T[]> {
    const start = first.map(each);
    if (!comesLater(more)) {
        const links = (more ?? []) as pulumi.Input<SmartHostLink>[];
        return pulumi.all([...start, ...links.map(each)]) as pulumi.Output<T[]>;
    }
    const later = pulumi.output(more).apply((links) => pulumi.all((links ?? []).map(each)));
    return pulumi.all([pulumi.all(start), later]).apply(([a, b]) => [...a, ...b] as T[]);
}

function mapOf<T>(links: RouteArgs["senderRelays"], each: Each<T>): pulumi.Output<Record<string, T>> {
    const entries = Object.entries(links ?? {}).map(([key, link]) => [key, each(link)]);
    return pulumi.all(Object.fromEntries(entries) as Record<string, pulumi.Output<T>>) as pulumi.Output<
        Record<string, T>
    >;
}

function allLinks(args: LinkArgs): pulumi.Output<SmartHostLink[]> {
    const whole = (link: pulumi.Input<SmartHostLink>) => pulumi.output(link);
    const list = listOf([args.smartHost], args.fallbackSmartHosts, whole);
    const maps = pulumi.all([mapOf(args.senderRelays, whole), mapOf(args.transports, whole)]);
    return pulumi
        .all([list, maps])
        .apply(([hubs, more]) => [...hubs, ...more.flatMap((map) => Object.values(map))]);
}

const allOf = (args: LinkArgs): pulumi.Output<Hub[]> =>
    allLinks(args).apply((links) => links.map(({ hostname, port, pins }) => ({ hostname, port, pins })));

/** Every hub but the first, each once. */
function others([first, all]: [Hub, Hub[]]): HostReachesArgs[] {
    const name = ({ hostname, port }: HubAddress) => `${hostname}:${port}`;
    const each = new Map(all.map((hub) => [name(hub), hub]));
    each.delete(name(first));
    return [...each.values()].map(({ hostname, port, pins }) => ({ host: hostname, port, pins }));
}
