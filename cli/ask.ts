import { probeScript } from "../provider/host/script";
import type { RemoteHost } from "../provider/ssh/connect";

/** What is asked of a machine beyond the probe; nothing is changed there. */
export interface Question {
    /** For messages: `look at the queue`. */
    step: string;
    /** Functions that follow the agent's own, and the one of them that answers in lines of `name=value`. */
    script: string;
    main: string;
    variables?: Record<string, string>;
}

/** Every value that stands under a name, in the order in which it was said. */
export type Answers = (name: string) => string[];

export async function ask(host: RemoteHost, question: Question): Promise<Answers> {
    const { step, script, main, variables = {} } = question;
    const stdin = probeScript({ variables }, main, script);
    return answersIn((await host.run({ step, stdin, timeoutSeconds: 60 })).stdout);
}

export const answersIn =
    (text: string): Answers =>
    (name) =>
        text
            .split("\n")
            .filter((line) => line.startsWith(`${name}=`))
            .map((line) => line.slice(name.length + 1));
