import { on } from "./lab";

/** How many logins a host's sshd has seen. */
export const logins = (host: string): number =>
    Number(on(host, "cat /var/log/*.log | grep Accepted | sort -u | wc -l").trim());

/** Those of the hosts that were logged in to meanwhile. */
export async function contacted(hosts: string[], run: () => Promise<unknown>): Promise<string[]> {
    const counted = hosts.map(logins);
    await run();
    return hosts.filter((host, index) => logins(host) !== counted[index]);
}
