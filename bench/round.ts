import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import type { Contender } from "./contenders/contender";
import { makeContender } from "./contenders/find";
import { changedTimeout, connections, type Wanted, wantedOf } from "./fleet";
import { type Measured, measure } from "./measure";
import type { Measurement } from "./measurement";
import { assertMail, assertSettings } from "./outcome";
import type { Round } from "./plan";
import { ControlGroup } from "./usage";
import { type Work, works } from "./works";

/** Runs on the operator's side of the lab, so that entering it is not measured. */
async function main(round: Round, file: string): Promise<void> {
    const group = ControlGroup.make();
    const contender = makeContender(round.contender);
    const measurements: Measurement[] = [];
    // Whoever breaks the bench off leaves nothing running: neither an engine nor a master of Ansible's.
    process.once("SIGTERM", () => {
        contender.remove();
        Promise.resolve(group?.remove()).finally(() => process.exit(130));
    });
    try {
        for (const work of worksOf(round, contender)) {
            measurements.push(await once(round, contender, work, group));
        }
        writeFileSync(file, JSON.stringify(measurements));
    } finally {
        contender.remove();
        await group?.remove();
    }
}

async function once(
    round: Round,
    contender: Contender,
    work: Work,
    group: ControlGroup | undefined,
): Promise<Measurement> {
    const { hosts, run, temperature } = round;
    const wanted = wantedAt(work, round);
    const start = await contender.prepare(work, wanted);
    if (temperature === "cold") {
        contender.forget();
        dropCaches();
    }
    const before = connections();
    const measured = await measure(group, start);
    const opened = [...connections()].map(([name, count]) => count - (before.get(name) ?? 0));
    const measurement: Measurement = {
        ...{ hosts, run, temperature, contender: round.contender, work },
        seconds: rounded(measured.seconds),
        ...usageOf(measured),
        contacted: opened.filter((count) => count > 0).length,
        connections: opened.reduce((sum, count) => sum + count, 0),
        load: rounded(loadavg()[0] ?? 0),
    };
    await contender.check(work, wanted, measured);
    assertContacts(measurement, contender);
    if (contender.changesHosts) {
        assertSettings(wanted);
        if (work === "first" || work === "added") await assertMail(wanted, `bench-${work}-${Date.now()}`);
    }
    return measurement;
}

/** Who does nothing but a visit does that, whatever was asked for. */
function worksOf({ works: wanted }: Round, { works: able }: Contender): readonly Work[] {
    return able.length === 1 ? able : works.filter((work) => able.includes(work) && wanted.includes(work));
}

/** The setting is there from its own work on, if that is done, the laptop from its own. */
function wantedAt(work: Work, { hosts, works: done }: Round): Wanted {
    const set = done.includes("setting") && works.indexOf(work) >= works.indexOf("setting");
    return wantedOf(work === "added" ? hosts + 1 : hosts, set ? changedTimeout : undefined);
}

/** What this module promises, and what the floor is one for: looked at, whatever the time was. */
function assertContacts(
    { contender, work, contacted, connections, hosts }: Measurement,
    who: Contender,
): void {
    if (contender === "floor") assert.equal(connections, 0, "the empty provider contacts nobody");
    if (contender === "module") {
        if (work === "none" || work === "preview") assert.equal(connections, 0, `connections of "${work}"`);
        if (work === "added") assert.equal(contacted, 2, "machines contacted for one laptop");
    }
    // Ansible's masters may have been there before.
    if (work === "refresh" && !who.changesHosts && contender !== "floor") assert.equal(contacted, hosts + 1);
}

/** Of the whole machine, as files that nobody has read since it was booted. Without root: as they are. */
function dropCaches(): void {
    if (process.getuid?.() === 0) writeFileSync("/proc/sys/vm/drop_caches", "3");
}

function usageOf({ usage }: Measured): Partial<Measurement> {
    if (!usage) return {};
    const parts = Object.entries(usage.partsMiB).map(([part, mebibytes]) => [part, Math.round(mebibytes)]);
    return {
        cpuSeconds: rounded(usage.cpuSeconds),
        peakMiB: Math.round(usage.peakMiB),
        ...(parts.length > 0 ? { partsMiB: Object.fromEntries(parts) } : {}),
    };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

const { file, ...round } = JSON.parse(process.argv[2] ?? "") as Round & { file: string };
main(round, file).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
});
