import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { causeOf, type End, type Hop } from "../faults/duplicates";

const line = (second: number, host: string, text: string) =>
    `2026-11-25T10:04:${second.toFixed(6).padStart(9, "0")}+00:00 ${host} postfix/${text}`;
const at = (second: number) => Date.parse(line(second, "x", "").split(" ")[0] ?? "");
const end = (host: string, from: number, to = from): End => ({
    host,
    what: "Postfix stopped",
    from: at(from),
    to: at(to),
});

const way = (...hops: string[]): Hop[] =>
    hops.map((hop) => {
        const [host = "", id = ""] = hop.split(" ");
        return { host, id };
    });

describe("why a message came twice", () => {
    // The laptop's Postfix is stopped in second 3, after the hub has taken the message; the next one sends it again.
    const laptop = [
        line(1, "laptop1", "pickup[10]: AAA: uid=0 from=<bob@example.com>"),
        line(1.1, "laptop1", "qmgr[11]: AAA: from=<bob@example.com>, size=300, nrcpt=1 (queue active)"),
        line(6, "laptop1", "qmgr[21]: AAA: from=<bob@example.com>, size=300, nrcpt=1 (queue active)"),
        line(6.4, "laptop1", "smtp[22]: AAA: to=<a@example.com>, status=sent (250 2.0.0 Ok: queued as CCC)"),
        line(6.5, "laptop1", "qmgr[21]: AAA: removed"),
    ];
    const hub = [
        line(2, "hub", "smtpd[30]: BBB: client=laptop1.example.com[10.77.1.1]"),
        line(4, "hub", "smtpd[30]: disconnect from laptop1.example.com[10.77.1.1] ehlo=2"),
        line(6.2, "hub", "smtpd[31]: CCC: client=laptop1.example.com[10.77.1.1]"),
    ];
    const [first, second] = [way("laptop1 AAA", "hub BBB"), way("laptop1 AAA", "hub CCC")];
    const why = (ends: End[], said = laptop, heard = hub) =>
        causeOf(first, second, new Map(Object.entries({ laptop1: said, hub: heard })), ends);

    it("the sender ended with the message in hand", () => {
        assert.equal(why([end("laptop1", 3)])?.because, "its queue manager had AAA in hand");
    });

    it("an end before, behind or elsewhere explains nothing", () => {
        for (const other of [end("laptop1", 0.5), end("laptop1", 7), end("hub", 5), end("laptop2", 3)])
            assert.equal(why([other]), undefined);
        assert.equal(why([]), undefined);
    });

    it("nor one of a Postfix that was done with the message, or had put it off", () => {
        for (const done of [
            "qmgr[11]: AAA: removed",
            "smtp[12]: AAA: to=<a@example.com>, status=deferred (x)",
        ])
            assert.equal(why([end("laptop1", 3)], [...laptop, line(2.5, "laptop1", done)]), undefined);
    });

    it("nor one without which the message was sent twice by the same queue manager", () => {
        const once = laptop.filter((text) => !text.includes("qmgr[21]: AAA: from"));
        assert.equal(why([end("laptop1", 3)], once), undefined);
        const early = hub.map((text) => text.replace("10:04:06.2", "10:04:02.9"));
        assert.equal(why([end("laptop1", 3)], laptop, early), undefined);
    });

    it("the receiver ended before its 250", () => {
        assert.equal(why([end("hub", 3)])?.because, "smtpd[30] had BBB in hand");
        const told = line(2.5, "laptop1", "smtp[12]: AAA: status=sent (250 2.0.0 Ok: queued as BBB)");
        assert.equal(why([end("hub", 3)], [...laptop, told]), undefined);
    });

    it("the first pickup ended before it took another one", () => {
        const [one, other] = [way("hub AAA", "outside X"), way("hub BBB", "outside Y")];
        const log = [
            line(1, "hub", "pickup[10]: AAA: uid=0 from=<bob@example.com>"),
            line(5, "hub", "pickup[20]: BBB: uid=0 from=<bob@example.com>"),
        ];
        const logs = (lines: string[]) => new Map([["hub", lines]]);
        assert.equal(causeOf(one, other, logs(log), [end("hub", 2)])?.because, "pickup[10] had AAA in hand");
        const next = line(1.5, "hub", "pickup[10]: ZZZ: uid=0 from=<bob@example.com>");
        const between = [log[0] as string, next, log[1] as string];
        assert.equal(causeOf(one, other, logs(between), [end("hub", 2)]), undefined);
        assert.equal(causeOf(one, other, logs(log), [end("hub", 6)]), undefined);
        const same = log.map((text) => text.replace("pickup[20]", "pickup[10]"));
        assert.equal(causeOf(one, other, logs(same), [end("hub", 2)]), undefined);
    });

    it("a mailbox got it twice from two lives of one queue manager", () => {
        const [one, other] = [way("laptop1 X", "hub AAA"), way("laptop1 X", "hub AAA")];
        const log = [1, 6].map((second) =>
            line(
                second,
                "hub",
                `qmgr[1${second}]: AAA: from=<bob@example.com>, size=3, nrcpt=1 (queue active)`,
            ),
        );
        assert.ok(causeOf(one, other, new Map([["hub", log]]), [end("hub", 3)]));
        assert.equal(causeOf(one, other, new Map([["hub", log.slice(0, 1)]]), [end("hub", 3)]), undefined);
        assert.equal(causeOf(one, other, new Map([["hub", log]]), [end("hub", 7)]), undefined);
    });

    it("a message that took ways of different lengths is explained by nothing", () => {
        const logs = new Map(Object.entries({ laptop1: laptop, hub }));
        for (const [one, other] of [
            [first, way("laptop1 AAA")],
            [way("laptop1 AAA"), first],
        ] as const)
            assert.equal(causeOf(one, other, logs, [end("laptop1", 3)]), undefined);
    });
});
