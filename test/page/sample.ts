import { type MachineReport, machineStates, type Report } from "../../cli/status/report";
import { pin } from "../unit/validate-helpers";

const troubles: Partial<Record<MachineReport["state"], string[]>> = {
    unreachable: ["admin@192.0.2.101: no answer within 10 s", "A change waits for it."],
    unreadable: ["admin@192.0.2.102: sudo wants a password", "Give the user NOPASSWD, or log in as root."],
    missing: ["It was asked for and not made: see why with pulumi up."],
    stopped: ["Postfix does not run.", "Start it: pulumi refresh, then pulumi up"],
    gone: ["Our settings are no longer there.", "Put them back: pulumi refresh, then pulumi up"],
    drifted: ["erin: main.smtp_tls_mandatory_ciphers", "Mend it: pulumi refresh, then pulumi up"],
    unproven: ["It has not met its hub since the last change. The next pulumi up asks again."],
    pending: ["A change waits for this machine. The next pulumi up makes it."],
};

function laptop(name: string, state: MachineReport["state"], index: number): MachineReport {
    const silent = ["unreachable", "unreadable", "missing"].includes(state);
    return {
        name,
        role: "laptop",
        address: `admin@192.0.2.${101 + index}`,
        state,
        troubles: troubles[state] ?? [],
        pins: { current: [pin("8F")], next: [pin("3C")] },
        certificateDaysLeft: 1820 - index,
        others: state === "drifted" ? ["smtp_helo_timeout = 77s"] : [],
        linkedTo: ["hub"],
        ...(silent
            ? {}
            : {
                  postfixVersion: "3.7.11",
                  queue:
                      state === "stopped"
                          ? { messages: 12, deferred: 2, oldestDeferredSeconds: 9_000 }
                          : { messages: index, deferred: 0 },
                  lastSent: `2026-11-30T18:0${index % 10}:11 x postfix/smtp[1]: status=sent`,
                  lastVerified: `2026-11-30T18:0${index % 10}:11 x`,
              }),
    };
}

const names = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory"];

/** A report with a machine in each state, and one in the right one several times. */
export const sample: Report = {
    stack: "prod",
    at: "2026-11-30T18:10:00Z",
    machines: [
        {
            name: "hub",
            role: "hub",
            address: "root@192.0.2.25",
            state: "applied",
            troubles: [],
            pins: { current: [pin("8F")], next: [pin("3C")] },
            postfixVersion: "3.10.5",
            certificateDaysLeft: 1790,
            queue: { messages: 4, deferred: 1, oldestDeferredSeconds: 600 },
            others: [],
            linkedTo: names,
            lastSent: "2026-11-30T18:09:58 hub postfix/smtp[7]: status=sent",
        },
        ...names.map((name, index) => laptop(name, machineStates[index] ?? "applied", index)),
    ],
};
