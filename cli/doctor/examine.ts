import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RemoteError } from "../../provider/errors";
import { probe, Unmanageable } from "../../provider/host/probe";
import { printable } from "../../provider/printable";
import { type RemoteHost, withHost } from "../../provider/ssh/connect";
import type { SshTarget } from "../../provider/ssh/target";
import { ask } from "../ask";
import { type Examination, type Finding, findings, obstacle } from "./findings";

/** What is to be looked at beyond the machine itself. */
export interface Questions {
    /** It is to be a hub whose laptops come in on this port. */
    port?: number;
    /** It is to be a laptop of this hub. */
    hub?: { name: string; port: number };
}

/** Looks at one machine over one connection, and changes nothing there. */
export async function examine(target: SshTarget, questions: Questions): Promise<Finding[]> {
    const warned: Finding[] = [];
    const onWarning = (what: string) => {
        warned.push({ level: "warning", what });
    };
    const found = await withHost(target, { deadlineSeconds: 20, onWarning }, (host) =>
        look(host, questions),
    ).then(
        (examination): Finding[] => [
            { level: "ok", what: "it can be reached, and you are root there" },
            ...findings(examination),
        ],
        (error: Error) => [inTheWay(error)],
    );
    // Much of it is what a machine says, and a terminal would obey it.
    return [...warned, ...found].map(({ level, what, remedy }) => ({
        level,
        what: printable(what),
        ...(remedy && { remedy: remedy.split("\n").map(printable).join("\n") }),
    }));
}

function inTheWay(error: Error): Finding {
    if (error instanceof Unmanageable) return obstacle(error.what, error.remedy);
    if (!(error instanceof RemoteError)) return obstacle(error.message);
    const said = error.logLines.map((line) => `it said: ${line}`);
    return obstacle(error.shortMessage, [...said, ...(error.hint ? [error.hint] : [])].join("\n"));
}

async function look(host: RemoteHost, { port, hub }: Questions): Promise<Examination> {
    const facts = await probe(host, { ports: port === undefined ? [] : [port] });
    const answers = await ask(host, {
        step: "look at the clock and the names",
        script: readFileSync(join(__dirname, "look.sh"), "utf8"),
        main: "doctor_main",
        variables: { asked_hub: hub?.name ?? "" },
    });
    const said = (name: string): string => answers(name)[0] ?? "";
    const examination: Examination = {
        facts,
        clockAhead: Math.round(Number(said("now")) - Date.now() / 1000),
        tls: said("tls"),
        fatal: said("fatal"),
        ...(port !== undefined && { port }),
    };
    if (!hub) return examination;
    const address = said("resolves");
    const failure = address === "" ? undefined : await unreached(host, address, hub.port);
    return { ...examination, hub: { ...hub, address, ...(failure !== undefined && { failure }) } };
}

async function unreached(host: RemoteHost, address: string, port: number): Promise<string | undefined> {
    try {
        (await host.forward(address, port)).destroy();
        return undefined;
    } catch (error) {
        if (!(error instanceof RemoteError)) throw error;
        return error.shortMessage.split(": ").at(-1);
    }
}
