import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for what a contender keeps on the operator's side. Its name is short: sockets lie in it. */
export class WorkFolder {
    readonly path = mkdtempSync(join(tmpdir(), "bench-"));

    write(name: string, text: string): string {
        const file = join(this.path, name);
        writeFileSync(file, text, { mode: 0o600 });
        return file;
    }

    remove(): void {
        rmSync(this.path, { recursive: true, force: true });
    }
}
