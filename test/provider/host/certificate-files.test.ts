import assert from "node:assert/strict";
import { test } from "node:test";
import { servedPins, unannounced } from "../../../provider/host/certificate-files";
import { checkInputs } from "../../../provider/host/check";
import { readFacts } from "../../../provider/host/facts";
import { refreshedPins, shownPins } from "../../../provider/host/served-pins";
import { unknown } from "../../../provider/values";
import { type Pair, pinOf, privateKey, selfSigned } from "../../certificates";
import { factsOf, pin, plain } from "./fixtures";

const files = { keyFile: "/etc/mail/key.pem", certificateFile: "/etc/mail/chain.pem" };
const second = { keyFile: "/etc/mail/rsa.pem", certificateFile: "/etc/mail/rsa.pem" };
const ec = selfSigned("mailhub.example.com");
const rsa = selfSigned("mailhub.example.com", privateKey("rsa"));

/** A host with one pair in two files, as a probe tells of it. */
const hostWith = ({ certificate }: Pick<Pair, "certificate">, blocks = ["PRIVATE KEY"]) =>
    factsOf({
        lyingFiles: {
            certificates: { [files.certificateFile]: certificate },
            keyBlocks: { [files.keyFile]: blocks },
        },
    });
const inputs = (more = {}) => plain({}, { certificateFiles: [{ ...files, ...more }] });
const look = (facts = hostWith(ec), more = {}) => {
    const { pins, problems } = servedPins(inputs(more), facts);
    return { pins, problems: problems.map(({ path, reason }) => `${path}: ${reason}`) };
};

test("a probe tells a certificate, and of a key its kind alone", () => {
    const pem = Buffer.from(ec.certificate).toString("base64");
    const { lyingFiles } = readFacts([
        `certificate ${files.certificateFile}:${pem}`,
        `key ${files.keyFile}=RSA PRIVATE KEY,ENCRYPTED,`,
    ]);
    assert.deepEqual(lyingFiles, {
        certificates: { [files.certificateFile]: ec.certificate },
        keyBlocks: { [files.keyFile]: ["RSA PRIVATE KEY", "ENCRYPTED"] },
    });
});

test("the pin is that of the key in the certificate on the host", () => {
    assert.deepEqual(look(), { pins: [pinOf(ec.privateKey)], problems: [] });
    assert.deepEqual(look(hostWith(ec), { pin: pinOf(ec.privateKey).toLowerCase() }).problems, []);
    const renewed = selfSigned("renewed", ec.privateKey);
    assert.deepEqual(look(hostWith(renewed)).pins, look().pins);
});

test("files that are not there or hold something else are told with their path", () => {
    assert.deepEqual(look(factsOf()).problems, [
        `certificateFiles[0].keyFile: ${files.keyFile} of the host is not there: make it first (certbot certonly), or give another path`,
        `certificateFiles[0].certificateFile: ${files.certificateFile} of the host is not there: make it first (certbot certonly), or give another path`,
    ]);
    assert.match(
        look(hostWith(ec, ["CERTIFICATE"])).problems.join(),
        /key\.pem of the host holds no private key/,
    );
    for (const blocks of [["ENCRYPTED PRIVATE KEY"], ["RSA PRIVATE KEY", "ENCRYPTED"]])
        assert.match(
            look(hostWith(ec, blocks)).problems.join(),
            /key\.pem of the host is encrypted.*openssl pkey/,
        );
    assert.match(
        look(hostWith({ certificate: "" })).problems.join(),
        /chain\.pem of the host is no certificate/,
    );
});

test("one file may hold both, the key first", () => {
    const both = (...blocks: string[]) => {
        const lyingFiles = {
            certificates: { [second.certificateFile]: rsa.certificate },
            keyBlocks: { [second.keyFile]: blocks },
        };
        return servedPins(plain({}, { certificateFiles: [second] }), factsOf({ lyingFiles })).problems;
    };
    assert.deepEqual(both("PRIVATE KEY", "CERTIFICATE"), []);
    assert.match(both("CERTIFICATE", "PRIVATE KEY")[0]?.reason ?? "", /wants the key first: turn them round/);
});

test("one pair for each type of key", () => {
    const twice = plain({}, { certificateFiles: [files, files] });
    const [problem] = servedPins(twice, hostWith(ec)).problems;
    assert.equal(problem?.path, "certificateFiles[1]");
    assert.match(problem?.reason ?? "", /is a second key of type ec/);
});

test("another key than the expected one is told with the pin to write", () => {
    const [problem = ""] = look(hostWith(ec), { pin: pin(1) }).problems;
    assert.match(problem, /^certificateFiles\[0\]\.pin: given 01:.* of the host has the key /);
    assert.ok(problem.includes(`the key ${pinOf(ec.privateKey)}: write that pin`));
});

const proved = { proof: { serves: { port: 587, pins: [pin(1)] } }, announces: [pin(2)] };

test("a hub turns to files on the host only with a key that laptops pin already", () => {
    const refused = unannounced(proved, inputs(), [pin(9)]);
    assert.deepEqual(
        refused.map(({ path }) => path),
        ["certificateFiles"],
    );
    assert.ok(refused[0]?.reason.includes(`first run with nextPins: ["${pin(9)}"]`));
    assert.deepEqual(unannounced(proved, inputs(), [pin(2)]), []);
    assert.deepEqual(unannounced({}, inputs(), [pin(9)]), [], "nobody knows a first one");
});

test("and back to a key of ours, or to other files, likewise", () => {
    const onHost = { certificateFiles: [files], servedPins: [pin(3)], announces: [pin(4)] };
    const ours = (served: string) =>
        unannounced(onHost, plain({}, { proof: { serves: { port: 587, pins: [served] } } }), []);
    assert.equal(ours(pin(9)).length, 1);
    assert.equal(ours(pin(3)).length + ours(pin(4)).length, 0);
    const moved = plain({}, { certificateFiles: [second] });
    assert.equal(unannounced(onHost, moved, [pin(9)]).length, 1);
    assert.equal(unannounced(onHost, moved, [pin(3)]).length, 0);
});

test("what the same files hold is the host's business: refusing would not bring the old key back", () => {
    const onHost = { certificateFiles: [files], servedPins: [pin(3)] };
    assert.deepEqual(unannounced(onHost, inputs({ pin: pin(9) }), [pin(9)]), []);
});

const listen = () => {
    const warnings: string[] = [];
    const tell = {
        warnings,
        progress() {},
        info() {},
        warn: (text: string) => warnings.push(text),
        signal: new AbortController().signal,
    };
    return tell;
};

test("a refresh shows the new pin, and says what to do about it", () => {
    const tell = listen();
    const seen = refreshedPins(inputs(), hostWith(ec), [pin(3)], tell);
    assert.deepEqual(seen, { servedPins: [pinOf(ec.privateKey)], provenBy: "unproven" });
    assert.equal(tell.warnings.length, 1);
    assert.match(tell.warnings[0] ?? "", /chain\.pem is another one now.*pulumi up.*--reuse-key/);
});

test("a certificate renewed for its key is nothing to tell", () => {
    const tell = listen();
    const renewed = hostWith(selfSigned("renewed", ec.privateKey));
    const same = [pinOf(ec.privateKey)];
    assert.deepEqual(refreshedPins(inputs(), renewed, same, tell), { servedPins: same });
    assert.deepEqual(tell.warnings, []);
});

test("a file that has gone takes no laptop's pin away", () => {
    const tell = listen();
    assert.deepEqual(refreshedPins(inputs(), factsOf(), [pin(3)], tell), {});
    assert.match(tell.warnings.join(), /chain\.pem of the host is not there/);
});

test("a preview shows what the host has, or that nobody knows; without such files nothing", () => {
    assert.deepEqual(shownPins(inputs(), [pin(1)]), { servedPins: [pin(1)] });
    assert.deepEqual(shownPins(inputs(), undefined), { servedPins: unknown });
    assert.deepEqual(shownPins(plain({}), [pin(1)]), {});
});

const base = {
    owner: "hub",
    role: "smartHost",
    connection: { host: "x" },
    insecureIgnoreHostKey: true,
    main: {},
};
const check = (more: Record<string, unknown>, olds: Record<string, unknown>) =>
    checkInputs({ ...base, ...more }, olds).map(({ path, reason }) => `${path}: ${reason}`);
const serves = (...pins: unknown[]) => ({ proof: { serves: { port: 587, pins } } });

test("an own key follows only one that was announced, all of its keys", () => {
    const olds = { ...serves(pin(1)), announces: [pin(2), pin(3)] };
    for (const pins of [[pin(1)], [pin(2)], [pin(1), pin(3)], [unknown]])
        assert.deepEqual(check(serves(...pins), olds), []);
    const [problem = "", ...more] = check(serves(pin(2), pin(9)), olds);
    assert.deepEqual(more, []);
    assert.ok(problem.startsWith("chains: hold a key that no laptop pins"), problem);
    assert.ok(problem.includes(`nextPins: ["${pin(9)}"]`), "only what is missing there");
    assert.deepEqual(check(serves(pin(9)), {}), [], "nobody knows a first one");
});

test("from a key that is made here to an own one, and back, the same holds", () => {
    const made = { keyGeneration: 3, ...serves(pin(1)), announces: [pin(2), pin(5)] };
    assert.deepEqual(check(serves(pin(5)), made), []);
    assert.equal(check(serves(pin(9)), made).length, 1);
    const own = { ...serves(pin(1)), announces: [pin(2)] };
    assert.deepEqual(check({ keyGeneration: 1, ...serves(pin(2)) }, own), []);
    assert.match(
        check({ keyGeneration: 1, ...serves(pin(9)) }, own).join(),
        /^keyGeneration: counts a key made here/,
    );
});

test("keys on the host are judged there", () => {
    const onHost = { certificateFiles: [files] };
    assert.deepEqual(check(onHost, { keyGeneration: 3, ...serves(pin(1)) }), []);
    assert.deepEqual(check(serves(pin(9)), { ...onHost, announces: [pin(1)] }), []);
    assert.match(check({ certificateFiles: [{ keyFile: "key" }] }, {}).join(), /keyFile: given "key"/);
});
