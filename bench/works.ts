/** What every contender has to do, in the order of a round; each work begins where the one before has ended. */
export const works = ["first", "none", "preview", "setting", "refresh", "added"] as const;
export type Work = (typeof works)[number];

export const workTitles: Record<Work, string> = {
    first: "first apply",
    none: "no change",
    preview: "preview, no change",
    setting: "one setting on all laptops",
    refresh: "refresh of all",
    added: "one laptop added",
};

/** In the order of the tables: all are compared with the first. */
export const contenders = [
    "module",
    "floor",
    "shell",
    "ansible-tuned",
    "ansible-default",
    "ssh",
    "ssh2",
] as const;
export type ContenderName = (typeof contenders)[number];

export const temperatures = ["cold", "warm"] as const;
export type Temperature = (typeof temperatures)[number];
