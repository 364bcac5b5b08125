import { readSettings } from "../../postfix/compose";
import { lineOwners, readBlocks } from "../../postfix/fragment/read";
import { parseMainCf } from "../../postfix/main-cf";
import { loginsType, tableType } from "../../postfix/tables";
import { printable } from "../printable";
import { modeTrouble } from "./drift-files";
import type { HostFacts, Place } from "./facts";
import type { HostInputs } from "./inputs";

/**
 * What of an owner's is not as it was left, though each of its settings counts as it was written: the folders, what
 * lies outside the folder of keys, what the fragment is known by, and lines of others for a parameter of its block.
 */
export function spoiled(inputs: HostInputs, facts: HostFacts, owner: string, generation: string): string[] {
    return [
        ...facts.places.flatMap((place) => misplaced(place, facts)),
        ...logins(inputs, facts, `${facts.configDirectory}/pulumi-sasl/${owner}/${generation}`),
        ...pins(facts),
        ...secondLines(facts, owner),
    ].map(printable);
}

/** Modes as the agent gives them (stage.sh). */
function misplaced({ path, mode, owner }: Place, { configDirectory, group }: HostFacts): string[] {
    const sasl = `${configDirectory}/pulumi-sasl`;
    const isSasl = path === sasl || path.startsWith(`${sasl}/`);
    const isFile = path.slice(sasl.length).split("/").length > 3;
    const wanted = isSasl ? `${isFile ? 640 : 750} root:${group}` : "700 root:root";
    return `${mode} ${owner}` === wanted ? [] : [`${path} has mode ${mode} ${owner}, not ${wanted}`];
}

function logins(inputs: HostInputs, facts: HostFacts, folder: string): string[] {
    if (!Object.values(inputs.tables).some((table) => tableType(table) === loginsType)) return [];
    return ["smtpd.conf", "sasldb2"].flatMap((name) => {
        const path = `${folder}/${name}`;
        if (!facts.places.some((place) => place.path === path)) return [`${path} is missing`];
        return facts.altered.includes(path) ? [`${path} was changed`] : [];
    });
}

function pins({ generationFiles }: HostFacts): string[] {
    const file = generationFiles.find(({ name }) => name === "pins");
    const trouble = file ? modeTrouble(file) : "pins is missing on the host";
    return trouble ? [trouble] : [];
}

/** Without effect, as another line of the same value counts; but each Postfix command and daemon warns of it. */
function secondLines({ mainCf }: HostFacts, owner: string): string[] {
    const block = readBlocks(mainCf).find((candidate) => candidate.owner === owner);
    const own = new Map(readSettings(block?.body ?? []));
    const owners = lineOwners(mainCf);
    const { settings } = parseMainCf(mainCf);
    const live = new Map(settings.map(({ name, value }) => [name, value]));
    return settings.flatMap(({ name, first }) =>
        owners[first] === undefined && own.has(name) && own.get(name) === live.get(name)
            ? [`main.cf line ${first + 1} sets ${name} too, outside our block`]
            : [],
    );
}
