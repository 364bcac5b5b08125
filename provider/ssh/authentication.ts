import type { AnyAuthMethod, AuthHandlerMiddleware, BaseAgent } from "ssh2";
import { fingerprint } from "../../postfix/validate/host-key";
import { RemoteError } from "../errors";
import { shortened } from "../printable";
import { loadPrivateKey } from "./private-key";
import { loadSsh2 } from "./ssh2";
import type { Endpoint } from "./target";

interface Credential {
    /** How it is called in messages; may change while it is tried. */
    label: string;
    /** The ways in which a server may take it, the preferred first. */
    methods: Record<string, () => AnyAuthMethod>;
}

/** A server may ask again and again, and at any length. */
const mostAsked = 5;
const longestAsked = 200;

export const closed = "then it closed the connection";

/** Logs one user in: offers each credential once, in ways that the server takes, and remembers what it did. */
export class Authentication {
    private readonly credentials: Credential[] = [];
    private readonly tried: Credential[] = [];
    private readonly asked: string[] = [];
    private accepted: string[] = [];
    private partial = false;
    private current?: Credential;

    constructor(private readonly hop: Endpoint) {
        // Those named in the program come first: an agent full of keys uses up the server's MaxAuthTries.
        this.addPrivateKey();
        this.addPassword();
        this.addAgent();
    }

    /** Whether the server has been shown anything that it could count as a failed login. */
    get begun(): boolean {
        return this.tried.length > 0;
    }

    readonly handler: AuthHandlerMiddleware = (methods, partialSuccess, next) => {
        const username = this.hop.user;
        // The first question is always "none": its answer lists what the server takes (RFC 4252 section 5.2).
        if (!methods) return next({ type: "none", username });
        this.accepted = methods;
        this.partial ||= partialSuccess === true;
        for (const credential of this.credentials) {
            const method = Object.keys(credential.methods).find((name) =>
                methods.some((offered) => offered === name),
            );
            const make = method === undefined ? undefined : credential.methods[method];
            if (this.tried.includes(credential) || make === undefined) continue;
            this.tried.push(credential);
            this.current = credential;
            return next(make());
        }
        // ssh2 takes false as "nothing left"; its types do not know.
        next(false as unknown as AnyAuthMethod);
    };

    /** A trouble of the agent or of signing; the next credential is tried all the same. */
    note(text: string): void {
        if (this.current) this.current.label += ` (${text})`;
    }

    error(said?: string): RemoteError {
        const { label, user } = this.hop;
        const tried = this.tried.map((credential) => credential.label).join(", ");
        const unused = this.credentials.filter((credential) => !this.tried.includes(credential));
        const parts = [
            this.credentials.length === 0
                ? `there is nothing to log in as ${user} with: no privateKey, no password, no agent (SSH_AUTH_SOCK is not set)`
                : `login as ${user} refused: tried ${tried || "nothing"}`,
        ];
        if (unused.length > 0)
            parts.push(`not taken: ${unused.map((credential) => credential.label).join(", ")}`);
        if (this.accepted.length > 0) parts.push(`the server takes ${this.accepted.join(", ")}`);
        if (this.partial) parts.push("one was accepted, but the server wants another besides");
        if (this.asked.length > 0) parts.push(`it also asked: ${this.asked.join(" ")}`);
        if (said) parts.push(said);
        return new RemoteError({
            host: label,
            step: "connect",
            kind: "authentication",
            reason: parts.join("; "),
            hint:
                this.credentials.length === 0
                    ? `Set ${this.hop.path}.privateKey, or load the key into an SSH agent.`
                    : said === closed
                      ? "Its log says why (on Debian: journalctl -u ssh); a login that takes longer than LoginGraceTime in its sshd_config(5) is cut off."
                      : `Is ${this.hop.path}.user right, and does that machine know this key (~${user}/.ssh/authorized_keys)?`,
        });
    }

    private addPrivateKey(): void {
        const { privateKey, privateKeyPassword } = this.hop.settings;
        if (privateKey === undefined) return;
        const key = loadPrivateKey(privateKey, privateKeyPassword);
        if (typeof key === "string") {
            throw new RemoteError({
                host: this.hop.label,
                step: "connect",
                kind: "authentication",
                reason: `${this.hop.path}.privateKey: ${key}`,
            });
        }
        this.credentials.push({
            label: `private key ${key.type} ${fingerprint(key.getPublicSSH())}`,
            methods: { publickey: () => ({ type: "publickey", username: this.hop.user, key }) },
        });
    }

    private addPassword(): void {
        const { password } = this.hop.settings;
        if (password === undefined) return;
        const username = this.hop.user;
        let answered = false;
        this.credentials.push({
            label: "password",
            methods: {
                password: () => ({ type: "password", username, password }),
                "keyboard-interactive": () => ({
                    type: "keyboard-interactive",
                    username,
                    prompt: (_name, _instructions, _language, prompts, finish) => {
                        const hidden = prompts.filter(({ echo }) => !echo);
                        if (answered || hidden.length !== 1)
                            for (const { prompt } of prompts.slice(0, mostAsked - this.asked.length))
                                this.asked.push(shortened(prompt.trim(), longestAsked));
                        // A second question is another one (a one-time code), never the password again.
                        finish(prompts.map(({ echo }) => (echo || answered ? "" : password)));
                        answered ||= hidden.length > 0;
                    },
                }),
            },
        });
    }

    private addAgent(): void {
        const path = this.hop.settings.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
        if (!path) return;
        const credential: Credential = { label: "agent", methods: {} };
        credential.methods.publickey = () => ({
            type: "agent",
            username: this.hop.user,
            agent: counting(loadSsh2().createAgent(path), (count) => {
                credential.label = count === 1 ? "agent with 1 key" : `agent with ${count} keys`;
            }),
        });
        this.credentials.push(credential);
    }
}

/** "agent with 0 keys" explains most refused logins. */
function counting(agent: BaseAgent, counted: (count: number) => void): BaseAgent {
    const original = agent.getIdentities.bind(agent);
    agent.getIdentities = (callback) =>
        original((error, keys) => {
            if (!error) counted(keys?.length ?? 0);
            callback(error, keys);
        });
    return agent;
}
