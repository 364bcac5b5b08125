import { stringify } from "yaml";
import type { MachineWord } from "../machine-word";
import { newProject, pluginLines, withProvider } from "./pulumi-yaml";

/** What is there before. */
export interface Found {
    /** The folder's name, of which a new project's is made. */
    folder: string;
    /** Path of the provider's folder from the project's. */
    binPath: string;
    pulumiYaml?: string;
    /** A program of the user's: an index file. */
    hasProgram: boolean;
    stackFile?: string;
    /** The SDK lies beside this package, where the engine looks for it. */
    hasSdk: boolean;
    /** A machine's host key in the user's known_hosts. */
    hostKeyOf(machine: MachineWord): string | undefined;
}

export interface Wanted {
    stack: string;
    hub: MachineWord;
    laptops: MachineWord[];
}

export interface Plan {
    writes: { file: string; text: string }[];
    /** For the person in front of the terminal, in order. */
    notes: string[];
    /** Not everything could be done. */
    incomplete: boolean;
}

const program = `// The hub and its laptops, from Pulumi.<stack>.yaml. A program of your own uses the classes of "pulumi-postfix" instead.
module.exports = require("pulumi-postfix/stack").stackProgram;
`;

const inCode = `import * as postfix from "pulumi-postfix"; // SmartHost, RoadWarrior, Fleet: node_modules/pulumi-postfix/docs`;

/** What \`init\` writes and says. Nothing that is there is replaced. */
export function plan(found: Found, wanted: Wanted): Plan {
    const writes: Plan["writes"] = [];
    const notes: string[] = [];
    let incomplete = false;
    let language = "nodejs";
    if (!found.hasSdk)
        notes.push("next: npm install @pulumi/pulumi    # the engine looks for it beside this package");
    if (found.pulumiYaml === undefined) {
        writes.push({
            file: "Pulumi.yaml",
            text: newProject(projectName(found.folder), found.binPath, !found.hasProgram),
        });
    } else {
        const { text, fault, runtime } = withProvider(found.pulumiYaml, found.binPath);
        language = runtime;
        if (text !== undefined) writes.push({ file: "Pulumi.yaml", text });
        if (fault !== undefined) {
            incomplete = true;
            const lines = pluginLines(found.binPath, 4).trimEnd();
            notes.push(`Pulumi.yaml: ${fault}; it needs these lines:\n${lines}`);
        }
    }
    if (found.pulumiYaml !== undefined || found.hasProgram) {
        notes.push(
            language === "nodejs"
                ? `in your program: ${inCode}`
                : "in your program: resources of type postfix:SmartHost, postfix:RoadWarrior, postfix:RelayAccess",
            "no config was written: --hub, --laptop and --stack are for a project that this command makes",
        );
        return { writes, notes, incomplete };
    }
    writes.push({ file: "index.js", text: program });
    const stackFile = `Pulumi.${wanted.stack}.yaml`;
    if (found.stackFile !== undefined) notes.push(`${stackFile}: is there already, and left as it is`);
    else writes.push({ file: stackFile, text: stackConfig(found, wanted) });
    const strangers = [wanted.hub, ...wanted.laptops].filter((machine) => !found.hostKeyOf(machine));
    for (const { host, port, user } of strangers) {
        const where = port === 22 ? "" : `-p ${port} `;
        notes.push(
            `${stackFile}: ${host} is in no known_hosts: log in once (ssh ${where}${user}@${host}), compare what it shows, and give its hostKey`,
        );
    }
    notes.push(`next: pulumi stack init ${wanted.stack} && pulumi preview`);
    return { writes, notes, incomplete };
}

function stackConfig(found: Found, { hub, laptops }: Wanted): string {
    const connection = (machine: MachineWord) => ({
        host: machine.host,
        ...(machine.port !== 22 && { port: machine.port }),
        user: machine.user,
        hostKey: found.hostKeyOf(machine) ?? "",
    });
    const reached = (machine: MachineWord) => ({
        connection: connection(machine),
        ...(machine.user !== "root" && { sudo: true }),
    });
    const project = projectName(found.folder);
    const config = {
        [`${project}:smartHost`]: { hostname: hub.name, ...reached(hub) },
        [`${project}:laptops`]: Object.fromEntries(laptops.map((laptop) => [laptop.name, reached(laptop)])),
    };
    return `# Every key of it: the package's docs/fleets.md. Passwords: pulumi config set --secret --path 'passwords.alice'
${stringify({ config }, { indent: 4, lineWidth: 0 })}`;
}

/** As the engine allows it: letters, digits, hyphens, underscores and dots. */
const projectName = (folder: string): string =>
    folder.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^-+|-+$/g, "") || "mail";
