import type { Machine } from "./machine";

/** What stands on a host. */
export interface Sight {
    main: string;
    master: string;
    /** In which order an unfinished change replaces them. */
    order: string;
    /** Ports that greet with 220. */
    greets: number[];
    /** Ports that main.cf and master.cf call for. */
    wanted: number[];
}

const marks = { file: "==file==", end: "==end==" };

/** Waits until no change is under way any more. */
export async function settled(machine: Machine): Promise<void> {
    const busy = `for p in /run/pulumi-postfix/*/pid; do [ -s "$p" ] && [ -d "/proc/$(cat "$p")" ] && exit 1; done; exit 0`;
    const end = Date.now() + 200_000;
    while ((await machine.run(busy)).code !== 0) {
        if (Date.now() > end) throw new Error(`a change on ${machine.name} does not end`);
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

export async function look(machine: Machine): Promise<Sight> {
    const out = await machine.get(
        `cat /etc/postfix/main.cf; echo "${marks.file}"; cat /etc/postfix/master.cf; echo "${marks.file}"
        cat /etc/postfix/pulumi/journal 2>/dev/null; echo "${marks.file}"; true`,
    );
    const [main = "", master = "", journal = ""] = out.split(`${marks.file}\n`);
    const wanted = [25];
    if (/^587 +inet|^587\s/m.test(master)) wanted.push(587);
    const greets = await answering(machine, wanted);
    return { main, master, order: journal.trim().split(" ").slice(2).join(" "), greets, wanted };
}

/** The ports that greet, all asked at once; a Postfix that has just been started gets a moment. */
async function answering(machine: Machine, ports: number[]): Promise<number[]> {
    const { out } = await machine.run(
        `for port in ${ports.join(" ")}; do
            for i in 1 2 3; do
                timeout 3 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"' && head -n 1 <&3 | grep -q ^220 && printf "QUIT\\r\\n" >&3' 2>/dev/null && echo $port && break
                sleep 0.4
            done &
        done; wait`,
    );
    return ports.filter((port) => out.split("\n").includes(String(port)));
}

/** Each apply has names of its own for what it makes; all else is the same. */
const nameless = (text: string): string =>
    text.replace(/\b[0-9a-f]{16}\b/g, "*").replace(/-[0-9a-f]{8}\b/g, "-*");

/** What is wrong with the pair of files that a broken change left, once it is known what it was to become. */
export function isMixed(old: Sight, mid: Sight, final: Sight, agentDies: boolean): string | undefined {
    const state = (file: "main" | "master"): string[] => {
        const states: string[] = [];
        if (mid[file] === old[file]) states.push("old");
        if (nameless(mid[file]) === nameless(final[file])) states.push("new");
        return states;
    };
    const [main, master] = [state("main"), state("master")];
    if (main.length === 0) return "main.cf is neither the old one nor the new one";
    if (master.length === 0) return "master.cf is neither the old one nor the new one";
    if (main.some((one) => master.includes(one))) return undefined;
    const between = mid.order.startsWith("main") ? "new main.cf" : mid.order ? "old main.cf" : "no journal";
    const found = `${main[0]} main.cf`;
    if (agentDies && found === between) return undefined;
    return `${main[0]} main.cf with ${master[0]} master.cf (${between})`;
}
