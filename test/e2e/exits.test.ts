import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exitParameters } from "../../postfix/exits";
import { configuration, eventually, lab, labHost, litter, mailWith, on, readOn } from "./lab";
import { Stack } from "./stack";

/** Every way out that `postfix/exits.ts` names, on a laptop whose admin has opened all of them. */
const stack = new Stack("exits");
const laptop = "laptop-exits";
const mainCf = "/etc/postfix/main.cf";
const masterCf = "/etc/postfix/master.cf";
const outside = `[${labHost("outside").ip}]:25`;

/** What leads to the host outside, or lets whoever answers pass, in the parameter's own words. */
function opened(name: string): string {
    if (name === "tls_required_enable") return "yes";
    if (name === "smtp_tls_policy_maps") return "static:may";
    if (name === "smtp_tls_per_site") return "static:NONE";
    if (name === "smtpd_proxy_filter") return outside.replace(/[[\]]/g, "");
    if (/_checks$/.test(name)) return `static:{FILTER smtp:${outside}}`;
    if (/relayhost_maps$/.test(name)) return `static:${outside}`;
    if (/_maps$/.test(name)) return `static:smtp:${outside}`;
    if (/(relayhost|fallback_relay)$/.test(name)) return outside;
    return `smtp:${outside}`;
}

const exits = exitParameters.map(({ name }) => ({ name, line: `${name} = ${opened(name)}` }));

/** Lines of master.cf that do the same: what is added to which service, or a service of its own. */
const services = [
    { name: "smtp/unix", edit: "s/^smtp  *unix .*/& -o smtp_tls_security_level=may/" },
    { name: "smtp/unix", edit: "s/^smtp  *unix .*/& -o smtp_tls_fingerprint_cert_match=AA:BB/" },
    { name: "smtp/unix", edit: `s/^smtp  *unix .*/& -o smtp_fallback_relay=${outside}/` },
    { name: "smtp/unix", edit: "s/^smtp  *unix .*/& -o tls_required_enable=yes/" },
    { name: "smtp/unix", edit: "s/^\\(smtp  *unix .*\\) smtp$/\\1 lmtp/" },
    { name: "relay/unix", edit: "s/^relay  *unix .*/& -o smtp_tls_policy_maps=static:may/" },
    { name: "rewrite/unix", edit: `s/^rewrite  *unix .*/& -o relayhost=${outside}/` },
    { name: "rewrite/unix", edit: `s/^rewrite  *unix .*/& -o transport_maps=static:smtp:${outside}/` },
    { name: "pickup/unix", edit: `s/^pickup  *unix .*/& -o content_filter=smtp:${outside}/` },
    {
        name: "cleanup/unix",
        edit: `s/^cleanup  *unix .*/& -o header_checks=static:{FILTER smtp:${outside}}/`,
    },
    {
        name: "smtp/inet",
        edit: `s/^smtp  *inet .*/& -o smtpd_proxy_filter=${outside.replace(/[[\]]/g, "")}/`,
    },
    { name: "plain/unix", edit: "$a plain unix - - n - - smtp -o smtp_tls_security_level=none" },
];

const config = (args: Record<string, unknown>) => stack.machines({}, { [laptop]: args });
/** Edits as root on the laptop itself, on a file that is read through a sed script. */
const edit = (file: string, script: string) =>
    on(laptop, `sed -i -e '${script.replaceAll("'", "'\\''")}' ${file}`);
const lineOf = (file: string, text: string) => readOn(laptop, file).split("\n").indexOf(text) + 1;

/** What a refresh sees on the laptop. */
async function looked(): Promise<string> {
    const target = (await stack.host(laptop))?.urn ?? "";
    const { code, out } = await stack.run([
        "refresh",
        "--preview-only",
        "--non-interactive",
        "--diff",
        "--target",
        target,
    ]);
    assert.equal(code, 0, out);
    return out;
}

let original = "";
let admins = "";

before(() => {
    // With a Postfix that knows all of them.
    lab("add", laptop, "10.77.2.9", "--release", "trixie");
    original = configuration(laptop);
    on(laptop, `cp -p ${mainCf} ${masterCf} /root`);
    const lines = exits.map(({ line }) => line).join("\n");
    on(laptop, `cat >>${mainCf} <<'END'\n${lines}\nEND\npostfix reload`);
    admins = configuration(laptop);
});

after(() => stack.remove());

describe("an admin's main.cf with every way out open", () => {
    let told = "";
    before(async () => {
        await config({});
        const { code, out } = await stack.preview();
        assert.notEqual(code, 0, out);
        told = out;
        assert.equal(configuration(laptop), admins);
    });

    for (const { name, line } of exits) {
        test(`${name} is refused, with its line`, () => {
            const number = lineOf(mainCf, line);
            assert.ok(told.includes(`main.cf line ${number} of the host, "${line}", is not ours and `), told);
            assert.ok(told.includes(`write takeOver: ["${name}"] to allow it`));
        });
    }

    test("up refuses it as the preview does", async () => {
        const { code, out } = await stack.up("--skip-preview");
        assert.notEqual(code, 0, out);
        assert.equal(configuration(laptop), admins);
        assert.equal(litter(laptop), "");
    });
});

describe("with takeOver", () => {
    before(async () => {
        await config({ takeOver: exits.map(({ name }) => name) });
        const { code, out } = await stack.up("--skip-preview");
        assert.equal(code, 0, out);
    });

    test("each line is commented out, and the built-in default counts or ours", () => {
        const text = readOn(laptop, mainCf);
        for (const { line } of exits) {
            assert.ok(!text.split("\n").includes(line), line);
            assert.match(
                text,
                new RegExp(`^#pulumi-postfix\\([^)]*\\)# ${line.replace(/[[\]{}.]/g, "\\$&")}$`, "m"),
            );
        }
        assert.ok(!on(laptop, "postconf -n").includes(labHost("outside").ip));
    });

    test("mail goes to the hub and nowhere else", async () => {
        for (const to of ["alice@example.com", "alice@example.net", "alice"])
            on(laptop, `printf 'Subject: closed-${to}\\n\\nx\\n' | sendmail -f bob@example.com ${to}`);
        await eventually("the hub has its own", () => mailWith("hub", "closed-alice@example.com"));
        await eventually("the hub passes the other on", () =>
            mailWith("outside", "closed-alice@example.net"),
        );
        await eventually("the queue is empty", () => /queue is empty/.test(on(laptop, "postqueue -p")));
        assert.doesNotMatch(
            readOn("outside", "/var/log/mail.log"),
            new RegExp(`\\[${labHost(laptop).ip}\\]`),
        );
    });

    for (const { name, line } of exits) {
        test(`${name} behind our block is drift`, async () => {
            on(laptop, `cp -p ${mainCf} /root/ours && printf '%s\\n' '${line}' >>${mainCf}`);
            try {
                const out = await looked();
                const value = opened(name).replace(/[[\]{}.]/g, "\\$&");
                assert.match(out, new RegExp(`[-~+] ${name} *: .*"${value}"`));
            } finally {
                on(laptop, `mv /root/ours ${mainCf}`);
            }
        });
    }

    test("up closes all of them again", async () => {
        const lines = exits.map(({ line }) => line).join("\n");
        on(laptop, `cat >>${mainCf} <<'END'\n${lines}\nEND`);
        const { code, out } = await stack.up("--refresh", "--skip-preview");
        assert.equal(code, 0, out);
        for (const { line } of exits) assert.equal(lineOf(mainCf, line), 0, line);
        const again = await stack.up("--skip-preview", "--refresh", "--skip-preview", "--expect-no-changes");
        assert.equal(again.code, 0, again.out);
    });
});

describe("a service of the admin's that leads around the pin", () => {
    before(async () => {
        const { code, out } = await stack.destroy();
        assert.equal(code, 0, out);
        // The backup from before our first change stays where somebody has edited since.
        on(laptop, `cp -p /root/main.cf ${mainCf} && rm -r /etc/postfix/pulumi`);
        await config({ takeOver: ["*"] });
    });

    test("is refused with its line, whatever takeOver says", async () => {
        for (const each of services) edit(masterCf, each.edit);
        const standing = configuration(laptop);
        try {
            const { code, out } = await stack.preview();
            assert.notEqual(code, 0, out);
            assert.equal(configuration(laptop), standing);
            for (const { name } of services)
                assert.match(
                    out,
                    new RegExp(`master\\.cf line \\d+ of the host, "${name} .*takeOver does not cover it`),
                );
            assert.equal(out.match(/takeOver does not cover it/g)?.length, services.length, out);
        } finally {
            on(laptop, `cp -p /root/master.cf ${masterCf}`);
        }
    });

    for (const { name, edit: script } of services) {
        test(`is drift when it comes later: ${script}`, async () => {
            if (!(await stack.host(laptop))) {
                const { code, out } = await stack.up("--skip-preview");
                assert.equal(code, 0, out);
            }
            on(laptop, `cp -p ${masterCf} /root/ours`);
            edit(masterCf, script);
            try {
                assert.match(await looked(), new RegExp(`"?${name}"?`));
            } finally {
                on(laptop, `mv /root/ours ${masterCf}`);
            }
        });
    }
});

test("destroy leaves the laptop as it was", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    assert.equal(configuration(laptop), original);
});
