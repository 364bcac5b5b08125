import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { optionalTypes, packagedTypes } from "../../../postfix/judge/lookups";
import { perService } from "../../../postfix/known-parameters";
import { hookPath, hookText, networkManagers } from "../../../postfix/network-hooks";
import { tableType } from "../../../postfix/tables";
import { generationFiles, mailDomain, queueRule, variables } from "../apply";
import type { FragmentId } from "../identity";
import type { HostInputs } from "../inputs";
import type { Plan } from "../plan";
import { askedThings, tlsPaths } from "../plan-named";
import { written } from "../plan-names";
import { agentText, assignments, payloadFunction } from "../script";
import { knowledge, rangeRows } from "./knowledge";
import { comparable, type Range } from "./ranges";
import { placeholderOf, unseenGeneration, unseenHost } from "./unseen-host";

/** The awk programs, in the order in which they become one. */
const awkParts = ["fragment", "master", "plan"];
const shellParts = ["bundle-look", "bundle-tell", "bundle"];

const agentFile = (name: string): string => readFileSync(join(__dirname, "..", "agent", name), "utf8");

/** What a laptop is called in its bundle. */
export interface Subject {
    name: string;
    id: FragmentId;
}

/** The whole of it: what runs on a machine, what is wanted there, and what has to be known to judge it. */
export function bundleScript({ name, id }: Subject, inputs: HostInputs, ranges: Range[]): string {
    return [
        agentFile("bundle-head.sh").trimEnd().replaceAll("@NAME@", name),
        "",
        ...assignments(bundleVariables(inputs, id)),
        text("bundle_agent", agentText()),
        text("bundle_awk", awkParts.map((part) => agentFile(`${part}.awk`)).join("\n")),
        text("bundle_static", `${assignments(staticVariables(inputs, id)).join("\n")}\n`),
        text(
            "bundle_payload",
            `${payloadFunction(files(inputs, id))}\n`.replace(/^payload\(\) \{ case \$1 in\n/, planned),
        ),
        text("bundle_knowledge", lines(knowledge(inputs))),
        text("bundle_managers", lines(managers(inputs, id))),
        text("bundle_asked", lines(asked(inputs))),
        ...ranges.map((range) => rangeFunction(range)),
        ...shellParts.map((part) => agentFile(`${part}.sh`)),
        'bundle_main "$@"',
        "",
    ].join("\n");
}

/** A function that prints a text; the marker is a digest, so that no line of the text can end it. */
function text(name: string, content: string): string {
    const end = `END_${createHash("sha256").update(content).digest("hex").slice(0, 24)}`;
    return `${name}() { cat <<'${end}'\n${content}${content.endsWith("\n") || content === "" ? "" : "\n"}${end}\n}`;
}

const lines = (all: string[]): string => all.map((line) => `${line}\n`).join("");

/** Both configuration files are made on the machine. */
const planned = `payload() { desk=$room/plan; case $1 in
main.cf) cat "$desk/new-main" ;;
master.cf) cat "$desk/new-master" ;;
`;

function files(inputs: HostInputs, { owner }: FragmentId): Record<string, string> {
    const wanted = networkManagers.filter(({ name }) => name in (inputs.networkHooks ?? {}));
    return {
        ...generationFiles(inputs),
        ...Object.fromEntries(wanted.map((manager) => [hookPath(manager, owner), hookText(manager, owner)])),
    };
}

/** Of the variables of a change over SSH those that no machine can change. */
function staticVariables(inputs: HostInputs, id: FragmentId): Record<string, string> {
    const nothing: Plan = {
        problems: [],
        changes: [],
        warnings: [],
        notes: [],
        action: "reload",
        mainCf: "",
        masterCf: "",
        order: "main master",
        names: [],
        tables: [],
        clientTables: [],
        hooks: { write: {}, remove: [] },
        ownPorts: [],
        wrappedPorts: [],
        otherPorts: [],
    };
    const { job, proof_address, ...all } = variables({
        plan: nothing,
        facts: unseenHost("3.5", inputs),
        target: { id, generation: unseenGeneration },
        inputs,
        servedPins: [],
        queue: "ignore",
        onStep: () => {},
    });
    return all;
}

function bundleVariables(inputs: HostInputs, { owner, instance }: FragmentId): Record<string, string> {
    const reaches = inputs.proof?.reaches;
    const routed = inputs.main.transport_maps !== undefined;
    const all = written(inputs);
    const { tables, daemons } = askedThings(inputs);
    const types = [
        ...Object.values(inputs.tables).map(tableType),
        ...all.flatMap(({ value }) => optionalTypes(value)),
    ];
    return {
        bundle_owner: owner,
        bundle_label: inputs.owner,
        bundle_instance: instance,
        bundle_placeholder: placeholderOf(owner),
        bundle_files: Object.keys(generationFiles(inputs)).join(" "),
        bundle_proof_domain: reaches ? (routed ? "pulumi-postfix.invalid" : mailDomain(reaches.host)) : "",
        bundle_queue_rule: queueRule(inputs.onDelete),
        bundle_allow_unknown: inputs.allowUnknown ? "yes" : "",
        bundle_transport_ends: perService.join(" "),
        bundle_types: [...new Set(types)].join(" "),
        bundle_packaged_types: packagedTypes.join(" "),
        bundle_tables: tables.join(" "),
        bundle_daemons: daemons.join(" "),
        bundle_sasl: inputs.main.smtp_sasl_auth_enable === "yes" ? "yes" : "",
        bundle_ipv6_only: inputs.main.inet_protocols === "ipv6" ? "yes" : "",
    };
}

/** NAME|HOOK|FOLDER|PROGRAMS|PACKAGED|THROUGH|WANTED of each of the network's own tools. */
function managers(inputs: HostInputs, { owner }: FragmentId): string[] {
    return networkManagers.map((manager) => {
        const { name, directory, programs = [], packaged, packagedThrough = [] } = manager;
        const isWanted = name in (inputs.networkHooks ?? {});
        return [
            name,
            hookPath(manager, owner),
            directory,
            programs.join(" "),
            packaged,
            packagedThrough.join(" "),
            isWanted ? "yes" : "",
        ].join("|");
    });
}

/** Files for TLS that settings name: `folder`, `key`, `certificate` or `file`, and the path. */
function asked(inputs: HostInputs): string[] {
    const rows = written(inputs).flatMap(({ name, value, path: setting }) =>
        tlsPaths({ name, value }).map((path) => {
            const kind = /CApath$/.test(name)
                ? "folder"
                : /_key_file$/.test(name)
                  ? "key"
                  : /_chain_files$/.test(name)
                    ? "file"
                    : "certificate";
            return `${kind} ${path} ${setting}`;
        }),
    );
    return [...new Set(rows)];
}

function rangeFunction(range: Range): string {
    const number = comparable(range.from);
    const rows = [
        ...rangeRows(range),
        ...range.problems.map(({ path, reason }) => `refuse\t${path === "" ? reason : `${path}: ${reason}`}`),
        ...range.warnings.map((warning) => `warn\t${warning}`),
        `tables\t${range.tables.join(" ")}`,
        `written\t${range.written.join(" ")}`,
        `read\t${range.read.join(" ")}`,
    ];
    return `bundle_ranges="\${bundle_ranges:-} ${number}"\n${text(`bundle_range_${number}`, lines(rows.map((row) => row.replace(/[\r\n]+/g, " "))))}`;
}
