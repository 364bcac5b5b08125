/**
 * A value that only the daemon itself finds wrong, when it starts: behind another name no check before that judges it.
 */
export const unseen = (setting: string, value: string): Record<string, string> => ({
    unseen_value: value,
    [setting]: "$unseen_value",
});
