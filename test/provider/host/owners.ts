import fc from "fast-check";
import { commentFault } from "../../../postfix/judge/comment";
import type { HostInputs } from "../../../provider/host/inputs";
import { mainCfText, settingValue } from "../../unit/host-files";
import { ordered } from "../../unit/properties";
import { grant, hub, ids, laptop, plain, stockMain, stockMaster } from "./fixtures";

// What the owners of one machine may want, one after the other, and the files that they find there.

const takeOver = ["*"];

/** A program that writes a comment behind a value is refused; admins may have done so in their files. */
const acceptedValue = settingValue.filter((value) => commentFault("biff", value) === undefined);

/** A program's wishes for one owner; what owners of one machine set, they set alike. */
export const wishes: { [name in keyof typeof ids]: fc.Arbitrary<HostInputs> } = {
    alice: fc
        .constantFrom<Record<string, string>[]>({}, { myorigin: "example.com" })
        .map((settings) => laptop({ takeOver, settings })),
    hub: fc.constantFrom(587, 2587, 25).map((port) => hub({ takeOver }, { mode: "guest", port })),
    guest: fc.constantFrom(465, 10025).map((port) => hub({ takeOver }, { mode: "guest", port })),
    laptops: fc.subarray(["alice", "bob"]).map((laptops) => grant(laptops)),
    plain: fc
        .record({
            biff: fc.option(acceptedValue, { nil: undefined }),
            pulumi_x: fc.option(acceptedValue, { nil: undefined }),
            smtp_tls_loglevel: fc.constantFrom("1", undefined),
        })
        .map((main) => plain({ main: JSON.parse(JSON.stringify(main)) }, { takeOver })),
};

export const names = Object.keys(ids) as (keyof typeof ids)[];

const adminServices = [
    "smtp      inet  n       -       y       -       -       smtpd",
    "submission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n# a comment\n  -o x=y",
    "127.0.0.1:2587 inet n - y - - smtpd",
    "smtp unix - - y - - smtp",
    "# a comment",
    "",
];

export const masterText = fc.oneof(
    fc.constantFrom(stockMaster, stockMaster.trimEnd()),
    fc
        .tuple(fc.shuffledSubarray(adminServices), fc.constantFrom("\n", "\r\n"), fc.boolean())
        .map(([lines, end, final]) => {
            const text = lines.map((line) => line.replaceAll("\n", end) + end).join("");
            return final ? text : text.replace(/\r?\n$/, "");
        }),
);

export const mainText = fc.oneof(
    mainCfText,
    fc.constantFrom(stockMain, stockMain.trimEnd()),
    mainCfText.map((text) => stockMain + text),
);

interface Event {
    name: keyof typeof ids;
    inputs: HostInputs;
    /** It leaves instead, if it is there. */
    leaves: boolean;
    generation: string;
    running: boolean;
}

const event = (name: keyof typeof ids): fc.Arbitrary<Event> =>
    fc.record({
        name: fc.constant(name),
        inputs: wishes[name],
        leaves: fc.constantFrom(false, false, true),
        generation: fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 16, maxLength: 16 }),
        running: fc.boolean(),
    });

/** Owners come, and come again with other wishes; between the two one may leave. */
export const history: fc.Arbitrary<Event[]> = ordered([...names, ...names]).chain((order) =>
    fc.tuple(...order.map(event)),
);
