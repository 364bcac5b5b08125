import fc from "fast-check";
import { decodeBytes } from "../../provider/host/bytes";

// main.cf and master.cf as administrators, their editors and their tools leave them behind, byte by byte.

const known = [
    "relayhost",
    "mynetworks",
    "smtp_tls_security_level",
    "transport_maps",
    "mydestination",
    "biff",
];
const odd = ["x", "y", "9", "x-y", "X.y/z", "x[0]", "{x}", "$x", "grüße", '"x"', "x#", "\x01"];

/** Names of settings: mostly Postfix's own, so that many lines of one file are about one parameter. */
export const settingName = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
);

// A value that Postfix cannot expand ends every command, whatever else the file says: the macros are well-formed, and
// none of their names is one of those above.
const words = [
    "yes",
    "[hub.example.com]:587",
    "127.0.0.0/8,",
    "a=b",
    "=",
    "# no comment",
    "#no-comment",
    "$$",
    "$u,",
    "${v}",
    "$(u)",
    "${u?{b}:{c}}",
    "${u:v}",
    "${{$u} == {b c} ? {d} : {$v}}",
    "{ a = b }",
    "}{",
    '"',
    "'",
    "\\",
    "`id`",
    "$$(id)",
    "%s",
    "-o",
    "naïve",
    "\u2028",
    "\u00a0",
    "\x01\x1b[1m\x7f",
    "👋",
];

const word = fc.constantFrom(...words);

/** Around what Postfix and shells count in: line_length_limit, pages, 16 bits. */
const longWord = fc.constantFrom(2047, 2048, 2049, 4096, 65535, 65536, 70000).map((size) => "l".repeat(size));

const space = fc.constantFrom(" ", "\t", "  ", " \t ", "\v", "\f ");

const phrase = fc
    .tuple(
        fc.array(
            fc.tuple(fc.oneof({ weight: 80, arbitrary: word }, { weight: 1, arbitrary: longWord }), space),
            {
                maxLength: 4,
            },
        ),
        word,
    )
    .map(([before, last]) => before.flat().join("") + last);

/** A value on one line. */
export const settingValue = fc.oneof(
    { weight: 1, arbitrary: fc.constant("") },
    { weight: 4, arbitrary: word },
    { weight: 4, arbitrary: phrase },
);

const equals = fc.constantFrom(" = ", "=", " =", "= ", "\t=\t", "  =  ", "\v=\f");
const trailing = fc.oneof(
    { weight: 5, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom(" ", "\t", "  \t", "\r", " \v") },
);
const indent = fc.constantFrom(" ", "    ", "\t", " \t", "\v", "\f", "\r");

/** What is skipped, also in the middle of a value. */
const skipped = fc.constantFrom(
    "",
    " ",
    "\t \t",
    "\v",
    "#",
    "# an admin's comment",
    "   # an indented one = with a sign",
    "\t#smtp_tls_security_level = may",
    "#relayhost = [old]",
    "# grüße",
    "#\x01\r",
    `# ${"c".repeat(2048)}`,
);

const definition = fc.tuple(settingName, equals, settingValue, trailing).map((parts) => parts.join(""));
const continuation = fc.tuple(indent, settingValue, trailing).map((parts) => parts.join(""));

/** A value whose macro is opened on one line and closed on a later one. */
const spread = fc
    .tuple(settingName, equals, fc.array(skipped, { maxLength: 2 }), fc.constantFrom(" ", "\t"), word)
    .map(([name, sign, between, blank, last]) => [
        `${name}${sign}$\{u?{a b}`,
        ...between,
        `${blank}:{c}} ${last}`,
    ]);

const lines = fc.oneof(
    { weight: 6, arbitrary: definition.map((line) => [line]) },
    { weight: 3, arbitrary: continuation.map((line) => [line]) },
    { weight: 2, arbitrary: skipped.map((line) => [line]) },
    { weight: 1, arbitrary: spread },
);

const brokenLine = fc.constantFrom(
    "relayhost",
    "= x",
    "=",
    "x y = z",
    "relayhost [hub]",
    "\x01",
    "relayhost \t",
);

/** Lines put together: ended as Unix or as Windows does, or some so and some so; the last one may have no end. */
function fileOf(parts: fc.Arbitrary<string[]>): fc.Arbitrary<Buffer> {
    const ends = fc.constantFrom(["\n"], ["\r\n"], ["\n", "\r\n"]);
    const raw = fc.constantFrom("UTF-8", "UTF-8", "UTF-8", "Latin-1");
    return fc
        .tuple(fc.array(parts, { maxLength: 8 }), ends, fc.nat(7), fc.boolean(), raw)
        .map(([found, end, turn, final, encoding]) => {
            const all = found.flat();
            const text = all.map(
                (line, index) =>
                    line + (index === all.length - 1 && !final ? "" : end[(index + turn) % end.length]),
            );
            return legible(encoding === "Latin-1" ? latin1(text.join("")) : Buffer.from(text.join("")));
        });
}

/** A counterexample is to be read. */
const legible = (bytes: Buffer): Buffer =>
    Object.assign(bytes, { [fc.toStringMethod]: () => JSON.stringify(decodeBytes(bytes)) });

/** As an old editor saved it: what is no ASCII is no UTF-8 either. */
const latin1 = (text: string): Buffer => Buffer.from(text.replace(/[^\p{ASCII}\xa0-\xff]/gu, "ÿ"), "latin1");

/** A main.cf that Postfix reads. */
export const mainCfBytes = fileOf(lines);

/** A main.cf which may have a line that ends every Postfix command. */
export const anyMainCfBytes = fileOf(
    fc.oneof({ weight: 20, arbitrary: lines }, { weight: 1, arbitrary: brokenLine.map((line) => [line]) }),
);

export const mainCfLine = lines.map((found) => found.join("\n"));

/** The same as text, for what works on text alone. */
export const mainCfText = mainCfBytes.map((bytes) => decodeBytes(bytes));

const serviceName = fc.constantFrom(
    "smtp",
    "587",
    "submission",
    "127.0.0.1:2587",
    "[::1]:smtp",
    "relay",
    "x-y",
);
const column = fc.constantFrom("y", "n", "-");

/** Type and the five columns behind it, as master(8) takes them. */
const columns = fc
    .tuple(
        fc.constantFrom("inet", "unix", "fifo", "pass", "unix-dgram"),
        column,
        column,
        column,
        fc.constantFrom("-", "0", "60", "1000?"),
        fc.constantFrom("-", "0", "1", "100"),
    )
    .map(([type, visible, ...others]) => [type, type === "inet" ? "n" : visible, ...others]);

const gap = fc.constantFrom(" ", "\t", "   ", " \t ");

/** The value of a setting without braces: master.cf has no quotes, so it is one word. */
const optionWord = fc.constantFrom(
    "encrypt",
    "",
    "a=b",
    "$u",
    "${v}",
    "=",
    '"',
    "#x",
    "naïve",
    "l".repeat(4096),
    "\\",
);

/** In braces a value may have blanks, and braces of its own that match. */
const optionPhrase = fc.constantFrom(
    "",
    "a",
    "permit, reject",
    "{ a } b",
    "a = b",
    "${u?{a}:{b c}}",
    "$u  y\t# z",
);

/** What may be the value of a setting of a service. */
export const optionValue = fc.oneof(optionWord, optionPhrase);

const optionName = fc.constantFrom("smtpd_tls_security_level", "syslog_name", "x", "x-y");

const option = fc.oneof(
    fc
        .tuple(fc.constantFrom("-o ", "-vo ", "-o\t"), optionName, optionWord)
        .map(([flag, name, value]) => `${flag}${name}=${value}`),
    fc
        .tuple(fc.constantFrom("{ ", "{"), optionName, equals, optionPhrase)
        .map(([brace, name, sign, value]) => `-o ${brace}${name}${sign}${value} }`),
    // postconf, other than the daemons, takes any o in such a word for one more flag.
    fc
        .tuple(fc.constantFrom("x", "x-y"), fc.constantFrom("", "encrypt", "$u"))
        .map((parts) => `-o${parts.join("=")}`),
    fc.constantFrom("-v", "-v -v", "-d"),
);

/** What a program is given, behind which nothing is an option of Postfix any more. */
const argument = fc.constantFrom(
    "flags=DRXhu",
    "user=vmail",
    "argv=/usr/bin/x",
    "{ a  b }",
    "{}",
    "-o",
    "x=y",
);

/** A service over one line or many, with whatever may stand between them. */
const service = fc
    .tuple(
        serviceName,
        columns,
        fc.constantFrom("smtpd", "smtp", "pipe", "/usr/libexec/x"),
        fc.array(option, { maxLength: 4 }),
        fc.array(argument, { maxLength: 2 }),
        gap,
        fc.array(fc.tuple(fc.array(skipped, { maxLength: 1 }), gap), { minLength: 1, maxLength: 3 }),
    )
    .map(([name, columns, command, options, args, blank, breaks]) => {
        const first = [name, ...columns, command].join(blank);
        const program = args[0]?.startsWith("-") ? ["user=x", ...args] : args;
        return [...options, ...program].reduce(
            (lines, word, index) => {
                const [between, indented] = breaks[index % breaks.length] ?? [[], " "];
                if (index % 2 === 0) lines.push(...between, `${indented}${word}`);
                else lines[lines.length - 1] += `${blank}${word}`;
                return lines;
            },
            [first],
        );
    });

/** A master.cf that Postfix reads. */
export const masterCfBytes = fileOf(
    fc.oneof({ weight: 3, arbitrary: service }, { weight: 1, arbitrary: skipped.map((line) => [line]) }),
);

const brokenService = fc.constantFrom(
    "smtp inet n - n - -",
    "smtp",
    "smtp inet n - n - - smtpd {a",
    "smtp inet n - n - - smtpd -o {a=b}c",
    "smtp inet n - n - - smtpd -o { a = b",
    "smtp carrier n - n - - pigeon",
);

/** A master.cf with one line in it on which Postfix ends, or which it reads otherwise than it was meant. */
export const brokenMasterCfBytes = fileOf(
    fc.oneof(
        { weight: 3, arbitrary: service },
        { weight: 2, arbitrary: brokenService.map((line) => [line]) },
    ),
);
