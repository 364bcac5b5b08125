import { on } from "./lab";

/** Prints, on a hub, the lines of the tables by which its service knows laptops. */
export const grantLines =
    "cat $(postconf -x -h pulumi_relay_clientcerts | tr ', ' '\\n\\n' | sed -n 's/^texthash://p') </dev/null";

/** What the hub grants to: each laptop's name with its pin. */
export const granted = (): (readonly [name: string, pin: string])[] =>
    on("hub", grantLines)
        .split("\n")
        .flatMap((line) => {
            const [, pin, name] = /^((?:[0-9A-F]{2}:){31}[0-9A-F]{2})\s+(\S+)/.exec(line) ?? [];
            return pin && name ? [[name, pin] as const] : [];
        });
