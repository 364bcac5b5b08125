import { effectiveValue } from "./main-cf";

/** Built-in defaults (postconf(5)); 0 is no limit. */
const defaults: Record<string, string> = {
    message_size_limit: "10240000",
    mailbox_size_limit: "51200000",
    virtual_mailbox_limit: "51200000",
};

/** The delivery agents that end at once where a mailbox may not hold one message of the greatest size. */
const agents: [daemon: string, parameter: string][] = [
    ["local(8)", "mailbox_size_limit"],
    ["virtual(8)", "virtual_mailbox_limit"],
];

/** Sentences about limits with which a delivery agent would not start: nothing sees it before the next mail. */
export function sizeLimitFaults(mainCf: string): string[] {
    const limitOf = (name: string): string => effectiveValue(mainCf, name) ?? defaults[name] ?? "";
    const message = limitOf("message_size_limit");
    const hasVirtual = ["virtual_mailbox_domains", "virtual_mailbox_maps"].some(
        (name) => (effectiveValue(mainCf, name) ?? "") !== "",
    );
    return agents.flatMap(([daemon, name]) => {
        const mailbox = limitOf(name);
        if (daemon === "virtual(8)" && !hasVirtual) return [];
        // Whatever else stands there is read by Postfix alone.
        if (!/^\d+$/.test(message) || !/^[1-9]\d*$/.test(mailbox)) return [];
        if (Number(message) > 0 && Number(message) <= Number(mailbox)) return [];
        const limit = Number(message) > 0 ? message : "none (0)";
        return [
            `message_size_limit would be ${limit} and ${name} only ${mailbox}, with which ${daemon} does not start: raise ${name} too ("0": no limit)`,
        ];
    });
}
