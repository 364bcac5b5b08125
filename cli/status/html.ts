import { instantOf, timeOf } from "./log-time";
import { map } from "./map";
import { escaped } from "./markup";
import { type MachineReport, machineStates, type Report, stateMeanings } from "./report";
import { shape } from "./shapes";
import { script, style } from "./style";
import { complaints, needsSomebody, queue, shortPin } from "./table";

/** The report as one page that needs nothing else: for a desk, a telephone and a printer. */
export function html(report: Report): string {
    const { stack, at, machines } = report;
    const needing = machines.filter(needsSomebody);
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mail of stack ${escaped(stack)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Mail of stack ${escaped(stack)}</h1>
<p>looked at <time datetime="${escaped(at)}">${escaped(at.replace("T", " "))}</time></p>
${counts(machines)}
</header>
<main>
${needing.length === 0 ? "" : `<h2>Needs somebody</h2>\n${needing.map(trouble).join("\n")}`}
<h2>Who sends through whom</h2>
${map(machines)}
<h2>Machines</h2>
<div class="wide"><table>
<thead><tr>${columns.map(({ title }) => `<th scope="col"><button>${title}</button></th>`).join("")}</tr></thead>
<tbody>
${machines.map((machine) => row(machine, at)).join("\n")}
</tbody>
</table></div>
</main>
<script>${script}</script>
</body>
</html>
`;
}

function counts(machines: MachineReport[]): string {
    const items = machineStates
        .map((state) => ({ state, count: machines.filter((machine) => machine.state === state).length }))
        .filter(({ count }) => count > 0)
        .map(
            ({ state, count }) =>
                `<li><span class="${state}">${shape(state)}</span> <b>${count}</b> ${state} <small>(${stateMeanings[state]})</small></li>`,
        );
    return `<ul class="counts">${items.join("")}</ul>`;
}

function trouble(machine: MachineReport): string {
    const { name, address, state } = machine;
    const lines = complaints(machine).map((text) => `<p>${escaped(text)}</p>`);
    return `<section class="trouble ${state}"><h3>${shape(state)} ${escaped(name)} <small>${escaped(address)}</small></h3>${lines.join("")}</section>`;
}

interface Column {
    title: string;
    /** Escaped already. */
    cell(machine: MachineReport): string;
    /** What the column is sorted by; `at`: when it was looked. */
    key(machine: MachineReport, at: string): string;
}

const columns: Column[] = [
    {
        title: "machine",
        cell: ({ name, address }) => `<span><b>${escaped(name)}</b><small>${escaped(address)}</small></span>`,
        key: ({ name }) => name,
    },
    { title: "role", cell: ({ role }) => `<span>${role}</span>`, key: ({ role }) => role },
    {
        title: "state",
        cell: ({ state }) => `<span class="whole ${state}">${shape(state)} ${state}</span>`,
        key: ({ state }) => `${machineStates.indexOf(state)}`,
    },
    {
        title: "Postfix",
        cell: ({ postfixVersion = "" }) => (postfixVersion ? `<span>${escaped(postfixVersion)}</span>` : ""),
        key: ({ postfixVersion = "" }) => postfixVersion,
    },
    {
        title: "pins",
        cell: ({ pins: { current, next } }) =>
            `<span>${[...current, ...next]
                .map((pin) => `<code title="${escaped(pin)}">${escaped(shortPin(pin))}</code>`)
                .join(" ")}</span>`,
        key: ({ pins: { current } }) => current.join(" "),
    },
    {
        title: "certificate",
        cell: ({ certificateDaysLeft: days }) =>
            days === undefined
                ? ""
                : `<span class="whole">${days} ${days === 1 ? "day" : "days"} left</span>`,
        key: ({ certificateDaysLeft: days }) => `${days ?? ""}`,
    },
    {
        title: "queue",
        cell: (machine) => (machine.queue ? `<span>${escaped(queue(machine))}</span>` : ""),
        key: (machine) => `${machine.queue?.messages ?? ""}`,
    },
    {
        title: "sent last",
        cell: ({ lastSent, lastVerified }) => {
            const when = timeOf(lastSent);
            if (when === "" && !lastVerified) return "";
            const verified = lastVerified
                ? `<small>key verified ${escaped(timeOf(lastVerified))}</small>`
                : "";
            return `<span>${escaped(when)}${verified}</span>`;
        },
        key: ({ lastSent }, at) => `${instantOf(lastSent, at)}`,
    },
];

function row(machine: MachineReport, at: string): string {
    const cells = columns.map(
        ({ title, cell, key }) =>
            `<td data-label="${title}" data-key="${escaped(key(machine, at))}">${cell(machine)}</td>`,
    );
    return `<tr>${cells.join("")}</tr>`;
}
