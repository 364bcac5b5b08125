import assert from "node:assert/strict";
import { test } from "node:test";
import {
    columnProblem,
    columnsOf,
    parseMasterCf,
    renderService,
    serviceColumns,
} from "../../postfix/master-cf";

const one = (text: string) => {
    const { services, broken } = parseMasterCf(text);
    assert.deepEqual(broken, []);
    assert.equal(services.length, 1);
    return services[0] as NonNullable<(typeof services)[0]>;
};
const optionsOf = (args: string) =>
    one(`x unix - - n - - smtp ${args}\n`).options.map(({ name, value }) => [name, value]);

test("the fields of a service, its arguments and the lines it stands on", () => {
    const text =
        "# x\n587 inet n - y 1000? 1 smtpd\n  -v\n# -o a=b\n\n\t-o c=d -o e=\nq unix - - n - - qmgr\n";
    assert.deepEqual(parseMasterCf(text).services[0], {
        service: "587",
        type: "inet",
        private: "n",
        unprivileged: "-",
        chroot: "y",
        wakeup: "1000?",
        maxproc: "1",
        command: "smtpd",
        args: ["-v", "-o", "c=d", "-o", "e="],
        words: ["-v"],
        options: [
            { name: "c", value: "d" },
            { name: "e", value: "" },
        ],
        first: 1,
        last: 5,
    });
});

test("all spellings of -o", () => {
    assert.deepEqual(optionsOf("-o a=b -oc=d"), [
        ["a", "b"],
        ["c", "d"],
    ]);
    assert.deepEqual(optionsOf("-o { a = b  c }"), [["a", "b  c"]]);
    assert.deepEqual(optionsOf("-o {a=b}\n  -o { c = {d e} }"), [
        ["a", "b"],
        ["c", "{d e}"],
    ]);
    assert.deepEqual(optionsOf("-v -o a=b=c -vo d=e"), [
        ["a", "b=c"],
        ["d", "e"],
    ]);
});

test("columns may stand anywhere on the line, behind blanks and tabs", () => {
    const text = "smtp      inet\tn \t -       y       60?       100       smtpd   -o  a=b\n";
    const { command, options, ...service } = one(text);
    assert.deepEqual(columnsOf({ ...service, command, options }), {
        private: "n",
        unprivileged: "-",
        chroot: "y",
        wakeup: "60?",
        process_limit: "100",
    });
    assert.deepEqual([command, options], ["smtpd", [{ name: "a", value: "b" }]]);
});

test("a } without its { is text", () => {
    assert.deepEqual(one("x unix - - n - - pipe } a {b c} }\n").args, ["}", "a", "b c", "}"]);
});

test("options end where the arguments of the daemon begin", () => {
    const pipe = one("x unix - n n - - pipe -o a=b\n  flags=R user=u argv=/bin/y -o c=d ${recipient}\n");
    assert.deepEqual(pipe.options, [{ name: "a", value: "b" }]);
    assert.deepEqual(pipe.args.slice(2), ["flags=R", "user=u", "argv=/bin/y", "-o", "c=d", "${recipient}"]);
});

test("the words of a command are what is left without the settings, whatever flags they stand behind", () => {
    const words = (args: string) => one(`x unix - n n - - smtp ${args}\n`).words;
    assert.deepEqual(words("-v -o a=b -vo c=d -oe=f -v"), ["-v", "-v", "-v"]);
    assert.deepEqual(words("-o { a = b c } flags=R -o d=e"), ["flags=R", "-o", "d=e"]);
    assert.deepEqual(words("-n name -o a=b -sx -- -o c=d"), ["-n", "name", "-sx", "--", "-o", "c=d"]);
    assert.deepEqual(words("-o a=b - -o c=d"), ["-", "-o", "c=d"]);
    assert.deepEqual(words("-v -n"), ["-v", "-n"]);
});

test("CRLF and a missing final newline", () => {
    const service = one("587 inet n - n - - smtpd\r\n  -o a=b\r\n\t-o { c = d e }");
    assert.deepEqual(service.options, [
        { name: "a", value: "b" },
        { name: "c", value: "d e" },
    ]);
    assert.equal(one("587 inet n - n - - smtpd\r\n").command, "smtpd");
});

const faults: [line: string, reason: RegExp][] = [
    ["587 inet n - n - -", /fewer than the 8 fields/],
    ["587 inet n", /fewer than the 8 fields/],
    ["587 inet n - n - - ", /fewer than the 8 fields/],
    ["587 tcp n - n - - smtpd", /unknown type "tcp"/],
    ["587 inet - - n - - smtpd", /not public/],
    ["587 inet y - n - - smtpd", /not public/],
    ["x unix - - yes - - smtp", /"yes" as chroot/],
    ["x unix - - n soon - smtp", /wakeup time/],
    ...["x60", "60x", "60??", "?"].map((wakeup): [string, RegExp] => [
        `x unix - - n ${wakeup} - smtp`,
        /wakeup time/,
    ]),
    ...["many", "x1", "1x", "1?"].map((limit): [string, RegExp] => [
        `x unix - - n - ${limit} smtp`,
        /process limit/,
    ]),
    ["x unix - - n - - -", /no command/],
    ["x unix - - n - - smtp -o", /nothing behind the -o/],
    ["x unix - - n - - smtp -o a", /no = behind/],
    ["x unix - - n - - smtp -o a = b", /no = behind/],
    ["x unix - - n - - smtp -o { a = b", /\{ without its \}/],
    ["x unix - - n - - smtp -o { a = b }c", /text behind the \}/],
];
for (const [line, reason] of faults) {
    test(`broken: ${line}`, () => {
        const { broken } = parseMasterCf(`a unix - - n - - smtp\n\n${line}\n`);
        assert.equal(broken.length, 1);
        assert.match(broken[0]?.reason ?? "", reason);
        assert.deepEqual([broken[0]?.line, broken[0]?.text], [3, line]);
    });
}

test("a service is rendered one option a line, with braces only where a value has whitespace", () => {
    const options = { a: "b", c: "", d: "x, y", e: "{z}" };
    assert.deepEqual(renderService("587/inet", { command: "smtpd", options }), [
        "587 inet n - n - - smtpd",
        "    -o a=b",
        "    -o c=",
        "    -o { d = x, y }",
        "    -o e={z}",
    ]);
    assert.deepEqual(renderService("hub/unix", { command: "smtp -v", options: {} }), [
        "hub unix - - n - - smtp -v",
    ]);
    assert.deepEqual(renderService("a/unix", { command: "smtp", options: { a: "b\vc", d: "e\tf" } }), [
        "a unix - - n - - smtp",
        "    -o { a = b\vc }",
        "    -o { d = e\tf }",
    ]);
});

test("options stand behind the flags of a daemon, and before the program that it runs", () => {
    const lines = (command: string, options = {}) => renderService("x/unix", { command, options });
    assert.deepEqual(lines("smtp -v", { a: "b" }), ["x unix - - n - - smtp -v", "    -o a=b"]);
    assert.deepEqual(lines(" pipe  flags=R argv=/y -o z", { a: "b" }), [
        "x unix - - n - - pipe",
        "    -o a=b",
        "    flags=R argv=/y -o z",
    ]);
    assert.deepEqual(lines("pipe flags=R"), ["x unix - - n - - pipe flags=R"]);
    assert.deepEqual(lines("smtp", { a: "b" }), ["x unix - - n - - smtp", "    -o a=b"]);
});

test("columns are written as given, or as a service of this type has them by default", () => {
    const defaults = { private: "n", unprivileged: "-", chroot: "n", wakeup: "-", process_limit: "-" };
    assert.deepEqual(serviceColumns("inet", {}), defaults);
    assert.deepEqual(serviceColumns("unix", {}), { ...defaults, private: "-" });
    const given = { private: "y", unprivileged: "n", chroot: "y", wakeup: "5", process_limit: "9" };
    assert.deepEqual(serviceColumns("unix", given), given);
});

test("what a column cannot hold is told with what it can", () => {
    const allowed: Record<keyof typeof columnCases, RegExp> = {
        wakeup: /seconds/,
        process_limit: /processes/,
        private: /"y", "n" or "-"/,
    };
    for (const [name, [good, bad]] of Object.entries(columnCases) as [
        keyof typeof columnCases,
        string[][],
    ][]) {
        for (const value of good ?? []) assert.equal(columnProblem(name, value), undefined, value);
        for (const value of bad ?? []) assert.match(columnProblem(name, value) ?? "", allowed[name], value);
    }
});

const columnCases = {
    wakeup: [
        ["-", "0", "300", "1000?"],
        ["", "x60", "60x", "60??", "?", "y"],
    ],
    process_limit: [
        ["-", "0", "100"],
        ["", "1?", "x1", "1x", "y"],
    ],
    private: [
        ["y", "n", "-"],
        ["", "yes", "1"],
    ],
};

test("what is rendered is read back as it was given", () => {
    const options = { a: "b=c", d: "{ x } {y}", e: "$z ${w}", f: "", g: "1 # 2", h: "a,b" };
    const text = renderService("[::1]:587/inet", { command: "smtpd", options }).join("\n");
    assert.deepEqual(Object.fromEntries(one(text).options.map(({ name, value }) => [name, value])), options);
});

test("what would break the line is refused", () => {
    for (const value of ["a\nb", "{", "}{", "a } b", "{a}{", "{a}}"]) {
        assert.throws(
            () => renderService("587/inet", { command: "smtpd", options: { a: value } }),
            /value of a/,
        );
    }
    for (const name of ["587", "5 87/inet", "/inet", "587/inet x", "587/inet/x", "587/"]) {
        assert.throws(() => renderService(name, { command: "smtpd", options: {} }), /not a service name/);
    }
    assert.throws(() => renderService("587/inet", { command: "smtpd\nx", options: {} }), /not a command/);
});
