import { networkFault } from "../networks";

/** Words of mynetworks that smtpd(8) cannot read: it would answer everybody with 451 (postconf(5)). */
export function ownNetworkFaults(name: string, value: string): string[] {
    if (name !== "mynetworks") return [];
    const words = value.split(/[\s,]+/).filter(Boolean);
    return words.flatMap((word) => {
        const plain = word.replace(/^!/, "");
        if (/[${}/]/.test(plain[0] ?? "") || plain.includes("$") || /^[a-z]+:[^:]*$/.test(plain)) return [];
        const fault = networkFault(plain);
        if (fault)
            return [
                `holds ${JSON.stringify(word)}, which ${fault}. smtpd(8) would answer everybody with 451`,
            ];
        return plain.includes(":") && !plain.startsWith("[")
            ? [
                  `holds ${JSON.stringify(word)}, which Postfix would take for a table: write [${plain.replace(/(\/.*)?$/, "]$1")}`,
              ]
            : [];
    });
}
