import { join } from "node:path";
import { labInfo, repo } from "../../test/e2e/lab";
import type { Wanted } from "../fleet";
import { program, type Start } from "../measure";
import type { Contender } from "./contender";
import { WorkFolder } from "./folder";

/** Connections at once: as many as tuned Ansible has forks. */
const atOnce = 50;

/** The physical floor: be on every machine once and do nothing there. Counts as a refresh. */
abstract class Bare implements Contender {
    readonly works = ["refresh"] as const;
    readonly changesHosts = false;
    protected readonly folder = new WorkFolder();

    abstract prepare(work: "refresh", wanted: Wanted): Start;

    check(): void {}

    forget(): void {}

    remove(): void {
        this.folder.remove();
    }
}

/** OpenSSH's client, one process a machine. */
export class Ssh extends Bare {
    prepare(_: "refresh", { hub, laptops }: Wanted): Start {
        const names = this.folder.write("hosts", [hub, ...laptops].map(({ name }) => `${name}\n`).join(""));
        const client = ["ssh", "-F", labInfo().sshConfig];
        return program(["xargs", "-a", names, "-P", `${atOnce}`, "-I{}", ...client, "{}", "true"]);
    }
}

/** The client that the provider uses, all in one process. */
export class Ssh2 extends Bare {
    prepare(_: "refresh", { hub, laptops }: Wanted): Start {
        const hosts = [hub, ...laptops].map(({ ip, hostKey }) => ({ ip, hostKey }));
        const list = this.folder.write("hosts.json", JSON.stringify({ key: labInfo().key, atOnce, hosts }));
        return program(["node", join(repo, "bench", "contenders", "ssh2-true.js"), list]);
    }
}
