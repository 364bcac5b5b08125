import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMainCf } from "../../../postfix/main-cf";
import { parseMasterCf } from "../../../postfix/master-cf";
import { encodeBytes } from "../../../provider/host/bytes";
import { checkInputs } from "../../../provider/host/check";
import { readInputs } from "../../../provider/host/inputs";
import { type Plan, planChange } from "../../../provider/host/plan";
import { authority, selfSigned } from "../../certificates";
import { oneBlank, property } from "../../unit/readings";
import { factsOf, ids, pin, target } from "./fixtures";
import { fields, hostileTexts, shapesOf, withText } from "./hostile-fields";
import { beyond, owners, readings } from "./hostile-readings";

const pair = selfSigned("hub");
const ca = authority("CA").certificate;
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
const hop = {
    host: "192.0.2.25",
    port: 22,
    user: "root",
    password: "secret",
    privateKey: pair.privateKey,
    privateKeyPassword: "secret",
    agentSocketPath: "/run/agent",
    dialErrorLimit: 1,
    perDialTimeout: 5,
    hostKey,
};
const server = { host: "mailhub.example.com", port: 587, implicitTls: false, pins: [pin(1)] };

/** A Host that uses each of its inputs. */
const whole: Record<string, unknown> = {
    owner: "plain",
    role: "smartHost",
    connection: { ...hop, proxy: hop },
    sudo: false,
    knownHosts: "/root/.ssh/known_hosts",
    insecureIgnoreHostKey: false,
    onUnreachable: "fail",
    takeOver: ["relayhost"],
    onDelete: "stop",
    installPackage: false,
    allowUnknown: true,
    exclusive: false,
    keyGeneration: 1,
    networkHooks: { ifupdown: "flush" },
    announces: [pin(1)],
    leaveBehind: ["one"],
    main: { pulumi_x: "one", smtp_generic_maps: "@{mine}" },
    lists: { relay_clientcerts: "one", pulumi_y: "two" },
    services: {
        "10025/inet": {
            command: "smtpd",
            options: { pulumi_x: "one", smtpd_banner: "$myhostname" },
            yields: false,
            private: "n",
            unprivileged: "-",
            chroot: "n",
            wakeup: "-",
            process_limit: "-",
        },
        "after/unix": { command: "pipe flags=R user=nobody argv=/bin/true", options: {} },
    },
    closed: ["465/inet"],
    chains: { identity: [pair] },
    certificateFiles: [{ keyFile: "/etc/a.key", certificateFile: "/etc/a.pem", pin: pin(1) }],
    authorities: { authority: ca },
    tables: {
        mine: { type: "hash", entries: { [pin(2)]: "one", [pin(3)]: "two" } },
        rules: { type: "regexp", text: "/a/ OK\n" },
    },
    proof: {
        serves: { port: 587, implicitTlsPort: 465, pins: [pin(1)] },
        reaches: server,
        alsoReaches: [server],
    },
};

/** What one place is tried with: how a host is reached has nothing to do with the rest, and keys take time to read. */
function around(field: string): Record<string, unknown> {
    const { owner, role, connection } = whole;
    if (field.startsWith("connection")) return { owner, role, connection, main: {} };
    return { ...whole, connection: { host: hop.host, hostKey } };
}

const facts = factsOf({ mapTypes: ["hash", "texthash", "regexp"] });

function planOf(inputs: Record<string, unknown>): Plan {
    return planChange(readInputs(inputs), facts, target(ids.plain));
}

test("a Host that uses each of its inputs is right, and none is left out", () => {
    assert.deepEqual(checkInputs(whole, {}), []);
    for (const field of fields) withText(whole, field, "x");
    assert.ok(fields.length > 60, `${fields.length}`);
});

/** Each case that gets as far as a host, for those who ask Postfix itself. */
const passed: { what: string; plan: Plan }[] = [];

for (const field of fields) {
    test(`nothing in ${field} makes more of a host's files than is meant`, () => {
        const base = around(field);
        const asUsual = planOf(base);
        const usual = readings(base, asUsual);
        for (const text of hostileTexts("/pwned").flatMap((text) => shapesOf(field, text))) {
            const what = `${field} = ${JSON.stringify(text.slice(0, 50))}`;
            const inputs = withText(base, field, text);
            const refused = checkInputs(inputs, {});
            if (refused.length > 0) {
                const [top = ""] = field.split(/[.[]/);
                assert.ok(
                    refused.some(({ path }) => path.startsWith(top)),
                    `${what}: ${JSON.stringify(refused)}`,
                );
                continue;
            }
            const plan = planOf(inputs);
            if (plan.problems.length > 0) continue;
            if (plan.mainCf !== asUsual.mainCf || plan.masterCf !== asUsual.masterCf)
                passed.push({ what, plan });
            const read = readings(inputs, plan);
            const [lost, gained] = [beyond(usual, read), beyond(read, usual)];
            assert.ok(
                gained.length <= 1 && lost.length === gained.length,
                `${what}: ${lost} became ${gained}`,
            );
            const [line = ""] = gained;
            if (line !== "") assert.ok(oneBlank(line).includes(oneBlank(text)), `${what}: ${line}`);
            assert.deepEqual(owners(plan), owners(asUsual), what);
        }
    });
}

const names = (text: string, pattern: RegExp) =>
    text.split("\n").flatMap((line) => pattern.exec(line)?.[1] ?? []);

property(
    "Postfix itself finds no setting and no service that is not meant",
    passed.length,
    async (postconf) => {
        assert.ok(passed.length > 50, `${passed.length} cases got as far as a host`);
        for (const { what, plan } of passed) {
            const files = { mainCf: encodeBytes(plan.mainCf), masterCf: encodeBytes(plan.masterCf) };
            const settings = await postconf.ask(files, "-n");
            assert.equal(settings.status, 0, `${what}: ${settings.stderr}`);
            const meant = new Set(parseMainCf(plan.mainCf).settings.map(({ name }) => name));
            for (const name of names(settings.stdout.toString("latin1"), /^([^ =]+) =/))
                assert.ok(meant.has(name) || name === "config_directory", `${what}: ${name}`);
            const services = await postconf.ask(files, "-M");
            assert.equal(services.status, 0, `${what}: ${services.stderr}`);
            assert.deepEqual(
                names(services.stdout.toString("latin1"), /^(\S+ +\S+) /).map((line) =>
                    line.replace(/ +/, "/"),
                ),
                parseMasterCf(plan.masterCf).services.map(({ service, type }) => `${service}/${type}`),
                what,
            );
        }
    },
);
