// The comments by which lines of ours, and lines that yielded to them, are known again.

const ownerPattern = "[a-z0-9][a-z0-9-]*";
export const beginPattern = new RegExp(
    `^# BEGIN pulumi-postfix (${ownerPattern}) ([0-9a-f]{16})( no-final-newline)?\\r?$`,
);
export const endPattern = new RegExp(`^# END pulumi-postfix (${ownerPattern})\\r?$`);
export const hiddenPattern = new RegExp(`^#pulumi-postfix\\((${ownerPattern}(?:,${ownerPattern})*)\\)#`);
/** Whatever stands behind the words that we know: a later release says there what else its block means. */
export const laterPattern = new RegExp(
    `^# (?:BEGIN pulumi-postfix ${ownerPattern} [0-9a-f]{16}(?: no-final-newline)?|END pulumi-postfix ${ownerPattern}) [^\\s].*`,
);
export const markPattern = /^#(?: (?:BEGIN|END) pulumi-postfix\b|pulumi-postfix\()/;

export const beginLine = (owner: string, instance: string, noFinalNewline: boolean): string =>
    `# BEGIN pulumi-postfix ${owner} ${instance}${noFinalNewline ? " no-final-newline" : ""}`;
