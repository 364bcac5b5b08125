import { lab, on } from "./lab";

export interface Release {
    /** What Debian calls it: the name of `lab.sh add --release`. */
    debian: string;
    /** The Postfix that comes with it. */
    postfix: string;
    /** A hub of this release: takes mail for example.com, as the lab's own hub does. */
    hub: string;
    /** A laptop of this release. */
    laptop: string;
}

/**
 * The Debian releases of the lab, oldest Postfix first; known before any host runs, so that each can name a test:
 *
 *     before(() => addReleases());
 *     for (const { postfix, hub, laptop } of releases) {
 *         test(`... on Postfix ${postfix}`, async () => {
 *             await stack.machines({}, { [laptop]: {} }, hub);
 *
 * Both are hosts as any other: `on(hub, "...")`, `labHost(hub).fqdn`, `send(laptop, subject)`, `mailWith(hub, subject)`.
 */
export const releases: Release[] = [
    { debian: "bullseye", postfix: "3.5" },
    { debian: "bookworm", postfix: "3.7" },
    { debian: "trixie", postfix: "3.10" },
    { debian: "sid", postfix: "3.11" },
].map((release) => ({
    ...release,
    hub: `hub-${release.debian}`,
    laptop: `laptop-${release.debian}`,
}));

/**
 * Those that a test takes one after the other, with a stack for each: all of them, or with E2E_RELEASES=ends the oldest
 * and the newest, as `npm test` does.
 */
export const oneByOne =
    process.env.E2E_RELEASES === "ends" ? [...releases.slice(0, 1), ...releases.slice(-1)] : releases;

/** Brings up what is missing of the hubs and laptops of all releases, beside the hosts that the lab has already. */
export function addReleases(): void {
    for (const [index, { debian, hub, laptop }] of releases.entries()) {
        lab("add", hub, `10.77.10.${index + 1}`, "--release", debian, "--fqdn", `mail${hub}.example.com`);
        lab("add", laptop, `10.77.11.${index + 1}`, "--release", debian);
        // What it says while it boots is no test's business.
        for (const host of [hub, laptop])
            on(host, ": >>/var/log/mail.log && truncate -s 0 /var/log/mail.log");
    }
}
