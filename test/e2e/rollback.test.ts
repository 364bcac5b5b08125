import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { configuration, eventually, litter, mailWith, on, send, startPerl } from "./lab";
import { Stack } from "./stack";
import { unseen } from "./unseen-value";

const stack = new Stack("rollback");
const config = (hub: Record<string, unknown> = {}) => stack.machines(hub);

/** A process of nobody's that listens on the laptops' port as soon as `condition` holds. */
const squatter = (condition = "1", name = "squatter") =>
    startPerl(
        "hub",
        `use IO::Socket::INET; $0 = "${name}"; select(undef, undef, undef, 0.001) until ${condition};
        $listener = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalPort => 587) or die; sleep 300`,
    );

let original = "";

before(async () => {
    original = configuration("hub");
    await config();
});

after(() => stack.remove());

describe("a port that is taken", () => {
    let pid = "";
    afterEach(() => on("hub", `kill ${pid}`));

    // A program may be called as one of Postfix's own and yet be another's.
    for (const name of ["squatter", "smtpd"]) {
        test(`by ${name} is named before anything is touched`, async () => {
            pid = squatter("1", name);
            await eventually("it listens", () => on("hub", "ss -Hltn sport = :587"));
            const said = new RegExp(`port 587 is taken on this host by ${name} \\(process ${pid}\\)`);
            const preview = await stack.preview();
            assert.notEqual(preview.code, 0);
            assert.match(preview.out, said);
            const up = await stack.up("--skip-preview");
            assert.notEqual(up.code, 0);
            assert.match(up.out, said);
            assert.equal(configuration("hub"), original);
            assert.equal(litter("hub"), "");
        });
    }

    test("between probe and reload: Postfix dies, the old files come back, Postfix is started", async () => {
        pid = squatter("glob('/run/pulumi-postfix/*/config')");
        const { code, out } = await stack.up("--skip-preview");
        assert.notEqual(code, 0);
        assert.match(out, /see that Postfix works: .*fatal: bind 0\.0\.0\.0 port 587/);
        assert.match(out, /\| .*fatal: bind 0\.0\.0\.0 port 587: Address already in use/);
        assert.match(out, /The old configuration is back and Postfix works with it/);
        assert.equal(configuration("hub"), original);
        assert.equal(litter("hub"), "");
        on("hub", "printf 'Subject: after-the-race\\n\\n' | sendmail -f bob@example.com alice@example.com");
        await eventually("the hub delivers", () => mailWith("hub", "after-the-race"));
    });
});

describe("settings with which Postfix fails only when it runs", () => {
    let working = "";
    before(async () => {
        const { code, out } = await stack.up("--skip-preview");
        assert.equal(code, 0, out);
        working = configuration("hub");
    });

    const cases: [daemon: string, setting: string, value: string, log: RegExp, written?: typeof unseen][] = [
        ["smtpd", "smtpd_timeout", "5 parsecs", /bad time value or unit: 5 parsecs/],
        [
            "qmgr",
            "qmgr_message_active_limit",
            "abc",
            /bad numerical configuration: qmgr_message_active_limit/,
        ],
        ["cleanup", "virtual_alias_recursion_limit", "abc", /bad numerical configuration: virtual_alias_/],
        ["trivial-rewrite", "swap_bangpath", "maybe", /bad boolean configuration: swap_bangpath/],
        ["local", "mailbox_size_limit", "abc", /bad numerical configuration: mailbox_size_limit/],
        ["smtp", "smtp_helo_timeout", "5 parsecs", /bad time value or unit: 5 parsecs/],
        [
            "smtpd's restrictions",
            "smtpd_client_restrictions",
            "no_such_word",
            /no_such_word/,
            (setting, value) => ({ [setting]: value }),
        ],
    ];
    for (const [daemon, setting, value, log, written = unseen] of cases) {
        test(`${daemon}: ${setting} = ${value}`, async () => {
            await config({ settings: written(setting, value) });
            const { code, out } = await stack.up("--skip-preview");
            assert.notEqual(code, 0, out);
            assert.match(out, log);
            assert.equal(configuration("hub"), working);
            assert.equal(litter("hub"), "");
            send("laptop1", `after-${setting}`);
            await eventually("a mail is delivered", () => mailWith("hub", `after-${setting}`));
        });
    }

    test("an edit that somebody makes meanwhile stays, with the keys that it names, and the next up goes on", async () => {
        await config({ settings: unseen("smtpd_timeout", "5 parsecs") });
        startPerl(
            "hub",
            `select(undef, undef, undef, 0.001) until open(F, "/etc/postfix/main.cf") && grep(/parsecs/, <F>);
            open(G, ">>", "/etc/postfix/main.cf"); print G "# an edit of the admin's\\n";`,
        );
        const { code, out } = await stack.up("--skip-preview");
        assert.notEqual(code, 0);
        assert.match(out, /main\.cf was edited by somebody during the change, so it was not put back/);
        on("hub", 'for f in $(postconf -h -x smtpd_tls_chain_files); do test -f "$f"; done');
        await config();
        const next = await stack.up("--skip-preview");
        assert.equal(next.code, 0, next.out);
        assert.match(on("hub", "cat /etc/postfix/main.cf"), /^# an edit of the admin's$/m);
        assert.equal(litter("hub"), "");
        on(
            "hub",
            "sed -i '/^# an edit of the admin/d' /etc/postfix/main.cf && touch -d '1 minute ago' /etc/postfix/main.cf",
        );
    });

    test("a program of somebody's that fails meanwhile is no fault of the change", async () => {
        const noise = startPerl("hub", "while (1) { system('sendmail -bs -X'); system('sendmail -Z') }");
        try {
            await config({ settings: { message_size_limit: "20000000" } });
            const { code, out } = await stack.up("--skip-preview");
            assert.equal(code, 0, out);
        } finally {
            on("hub", `kill ${noise}`);
        }
    });
});

test("destroy leaves both files byte for byte as they were", async () => {
    const { code, out } = await stack.destroy();
    assert.equal(code, 0, out);
    assert.equal(configuration("hub"), original);
    assert.equal(litter("hub"), "");
});
