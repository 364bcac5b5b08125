import type { Action, Slot } from "./kinds";

/** Where in a change a blow falls, as conditions in Perl on what is seen from outside; `Strike` has the helpers. */
export const points = {
    "at its start": "job()",
    "the lock is taken": `(job() && !(() = glob("$jobs/*/run")))`,
    "a folder of keys is there": `fresh("$etc/pulumi/*-*/*")`,
    "its files are there": `fresh("$etc/pulumi/*-*/*") && said("^step check")`,
    "the staged files are there": `(() = glob("$jobs/*/config/master.cf"))`,
    "postfix check runs": `(() = glob("$jobs/*/queue/*"))`,
    "the commit begins": `said("^step commit")`,
    "a backup is begun": `fresh("$etc/pulumi/backup/*")`,
    "a backup has the new files": `(() = grep { !$folders{$_} && -e "$_/new-master.cf" } glob("$etc/pulumi/backup/*"))`,
    "the journal is half there": `(-e "$etc/pulumi/journal.new" || -e "$etc/pulumi/journal")`,
    "the journal is there": `-e "$etc/pulumi/journal"`,
    "a new file is half there": `((() = glob("$etc/.pulumi-*")) || (stat "$etc/main.cf")[1] != $main || (stat "$etc/master.cf")[1] != $master)`,
    "one file is new": `((stat "$etc/main.cf")[1] != $main || (stat "$etc/master.cf")[1] != $master)`,
    "the other file is new": `((stat "$etc/main.cf")[1] != $main && (stat "$etc/master.cf")[1] != $master)`,
    "Postfix is being woken": `said("^step (reload|restart|start) Postfix")`,
    "Postfix is off": "(job() && stopped())",
    "its health is looked at": `said("^step see that")`,
    "the proof is made": `said("^step prove")`,
    "the journal is gone again": `said("^step commit") && !-e "$etc/pulumi/journal"`,
    "its result is there": `said("^result ")`,
} as const;

export type Point = keyof typeof points;

export const allPoints = Object.keys(points) as Point[];

/** Whether a change comes by this point at all. */
export function comesBy(point: Point, slot: Slot, action: Action, restarts: boolean): boolean {
    switch (point) {
        case "Postfix is off":
            return restarts;
        case "the proof is made":
            return slot !== "hub" && action !== "delete";
        case "a folder of keys is there":
        case "its files are there":
            return action !== "delete";
        case "the other file is new":
            return slot === "hub";
        default:
            return true;
    }
}

/** Behind the commit, in whatever change. */
export const latePoints: Point[] = [
    "Postfix is being woken",
    "its health is looked at",
    "one file is new",
    "the proof is made",
];
