/** Makes the state of a release, named by its version, that later ones are tested with. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connection, labHost, repo } from "../lab";
import { withAgent } from "../ssh-agent";
import { Stack, succeeds } from "../stack";

/** Something of everything that a state holds. */
const config = () => ({
    smartHost: {
        hostname: labHost("hub").fqdn,
        connection: connection("hub"),
        implicitTlsPort: 465,
        settings: { message_size_limit: "52428800" },
    },
    defaults: { onUnreachable: "pending", onDelete: "hold", connection: { user: "admin" }, sudo: true },
    laptops: {
        laptop1: { connection: connection("laptop1"), senders: ["@example.com"] },
        laptop2: {
            connection: connection("laptop2"),
            implicitTls: true,
            settings: { smtp_helo_timeout: "60s" },
        },
        laptop3: { connection: connection("laptop3"), keyAlgorithm: "both" },
    },
});

async function main(): Promise<void> {
    const [version = ""] = process.argv.slice(2);
    if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error("of which version? e.g. keep.ts 0.2.0");
    const file = join(__dirname, `${version}.json`);
    if (existsSync(file)) throw new Error(`${file} is there: a release's state is made once`);
    const agent = withAgent();
    await agent.ready;
    // Without a key in the config there is none in the state.
    const stack = new Stack("kept", repo, { SSH_AUTH_SOCK: agent.socket });
    try {
        await stack.config(config());
        await succeeds(stack.up("--skip-preview"));
        const state = JSON.parse((await stack.exportState()).out);
        writeFileSync(file, `${JSON.stringify({ config: config(), state }, undefined, 1)}\n`);
    } finally {
        await stack.destroy("--skip-preview");
        stack.remove();
        agent.end();
    }
}

main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
});
