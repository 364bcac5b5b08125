import assert from "node:assert/strict";
import { operatorKey } from "../../test/e2e/lab";
import { Stack } from "../../test/e2e/stack";
import type { Wanted } from "../fleet";
import type { Start } from "../measure";
import { type Work, works } from "../works";
import type { Contender } from "./contender";

/** As many as the documentation's commands for fleets say. */
const parallel = ["--parallel", "64"];
const unchanged = "--expect-no-changes";
const commands: Record<Work, string[]> = {
    first: ["up", "--yes", "--skip-preview", ...parallel],
    none: ["up", "--yes", "--skip-preview", unchanged, ...parallel],
    preview: ["preview", unchanged, ...parallel],
    setting: ["up", "--yes", "--skip-preview", ...parallel],
    refresh: ["refresh", "--yes", "--skip-preview", unchanged, ...parallel],
    added: ["up", "--yes", "--skip-preview", ...parallel],
};

/** The stack program of this repository by the real engine, with its own provider or with the empty one. */
export class Module implements Contender {
    readonly works = works;
    private readonly stack: Stack;

    constructor(
        program: string,
        /** False: nobody contacts a host, and what is measured is the engine. */
        readonly changesHosts: boolean,
    ) {
        this.stack = new Stack("bench", program);
    }

    async prepare(work: Work, { hub, laptops, mailTimeout }: Wanted): Promise<Start> {
        const connection = ({ ip, hostKey }: { ip: string; hostKey: string }) => ({
            host: ip,
            user: "root",
            hostKey,
        });
        await this.stack.config(
            {
                smartHost: { hostname: hub.fqdn, connection: connection(hub) },
                laptops: Object.fromEntries(
                    laptops.map((laptop) => [laptop.name, { connection: connection(laptop) }]),
                ),
                ...(mailTimeout ? { defaults: { settings: { smtp_mail_timeout: mailTimeout } } } : {}),
            },
            { 'privateKeys["*"]': operatorKey() },
        );
        return (started) => this.stack.run([...commands[work], "--non-interactive"], "", started);
    }

    /** Each host was seen to do what it was told, before the run ended. */
    async check(work: Work, { laptops }: Wanted): Promise<void> {
        if (!this.changesHosts || work === "preview") return;
        const { out } = await this.stack.exportState();
        const state = JSON.parse(out) as {
            deployment: { resources?: { type: string; urn: string; outputs?: Record<string, unknown> }[] };
        };
        const proven = new Map(
            (state.deployment.resources ?? [])
                .filter(({ type }) => type === "postfix:index:Host")
                .map(({ urn, outputs }) => [urn.split("::").at(-1), outputs?.provenBy]),
        );
        for (const name of ["hub", ...laptops.map((laptop) => laptop.name)]) {
            assert.match(String(proven.get(name)), /^(postfix|ssh)$/, `${name} is proven`);
        }
    }

    /** It keeps nothing between two runs but its state. */
    forget(): void {}

    remove(): void {
        this.stack.remove();
    }
}
