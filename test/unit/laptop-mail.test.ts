import assert from "node:assert/strict";
import { test } from "node:test";
import { toDialect } from "../../postfix/dialect";
import { parseMasterCf, renderService } from "../../postfix/master-cf";
import { Problems } from "../../postfix/problems";
import {
    type LaptopMail,
    laptopMailMain,
    laptopMailTables,
    laptopServices,
    sampleMail,
} from "../../postfix/roles/laptop-mail";
import { isStockService } from "../../postfix/stock";
import { validateRoadWarrior } from "../../postfix/validate/road-warrior";
import { validateStackConfig } from "../../postfix/validate/stack-config";
import { roadWarriorSettings } from "../road-warrior-settings";
import { hostKey, link, pin, problemsOf } from "./validate-helpers";

const full: LaptopMail = {
    queueLifetime: "30d",
    delayWarningTime: "4h",
    inetInterfaces: "127.0.0.1",
    mydestination: ["$myhostname", "localhost"],
    myorigin: "example.com",
    rootMail: "admin@example.com",
    genericAddresses: { alice: "alice.cooper@example.com", "@laptop.localdomain": "@example.com" },
};

test("a laptop is a null client that keeps its mail for 14 days and tells of it after one", () => {
    assert.deepEqual(laptopMailMain({}), {
        inet_interfaces: "loopback-only",
        mydestination: "",
        maximal_queue_lifetime: "14d",
        bounce_queue_lifetime: "14d",
        delay_warning_time: "1d",
    });
    assert.deepEqual(laptopMailTables({}), {});
});

test("each word of the user stands where Postfix looks for it", () => {
    const main = laptopMailMain(full);
    assert.equal(main.maximal_queue_lifetime, "30d");
    assert.equal(main.bounce_queue_lifetime, "30d");
    assert.equal(main.delay_warning_time, "4h");
    assert.equal(main.inet_interfaces, "127.0.0.1");
    assert.equal(main.mydestination, "$myhostname, localhost");
    assert.equal(main.myorigin, "example.com");
});

test("root's mail: system accounts by a table, the laptop's own names by main.cf, which alone knows them", () => {
    const main = laptopMailMain(full);
    const { root } = laptopMailTables(full);
    for (const name of ["root", "daemon", "www-data"])
        assert.equal(root?.entries?.[name], "admin@example.com", name);
    assert.equal(root?.entries?.alice, undefined, "people's accounts stay theirs");
    for (const name of ["root", "postmaster", "mailer-daemon"])
        for (const domain of ["$myhostname", "localhost", "localhost.$mydomain"])
            assert.ok(
                main.virtual_alias_maps?.includes(`{${name}@${domain} = admin@example.com}`),
                `${name}@${domain}`,
            );
    assert.match(main.virtual_alias_maps ?? "", /^@\{root\} inline:\{ .* \}$/);
    assert.equal(main.virtual_alias_domains, "", "else a name in the table would be a domain of the laptop");
});

test("the postmaster of a domain that the laptop shares with others stays that domain's", () => {
    assert.equal(laptopMailTables(full).root?.entries?.postmaster, undefined);
    const alone = laptopMailTables({ rootMail: "admin@example.com" });
    assert.equal(alone.root?.entries?.postmaster, "admin@example.com");
});

test("a bare local name is rewritten at each name of the laptop, others as they stand", () => {
    const main = laptopMailMain(full);
    assert.deepEqual(laptopMailTables(full).generic, { entries: full.genericAddresses });
    assert.equal(
        main.smtp_generic_maps,
        "@{generic} inline:{ {alice@$myhostname = alice.cooper@example.com}, " +
            "{alice@localhost = alice.cooper@example.com}, {alice@localhost.$mydomain = alice.cooper@example.com} }",
    );
    assert.equal(
        laptopMailMain({ genericAddresses: { "@a.example": "@b.example" } }).smtp_generic_maps,
        "@{generic}",
    );
});

test("which parameters and tables there are is known from which arguments are given", () => {
    for (const given of [{}, full, { rootMail: "" }, { genericAddresses: {} }, { myorigin: "" }]) {
        const sample = sampleMail({ ...given });
        assert.deepEqual(Object.keys(laptopMailMain(sample)), Object.keys(laptopMailMain(given)));
        assert.deepEqual(Object.keys(laptopMailTables(sample)), Object.keys(laptopMailTables(given)));
    }
});

for (const version of ["3.5.25", "3.7.11", "3.10.13", "3.11.7"]) {
    test(`Postfix ${version} is given all of it as it stands`, () => {
        const hub = { hostname: "mailhub.example.com", port: 587, pins: [pin("AA")] };
        const problems = new Problems();
        const settings = roadWarriorSettings({ hub, identity: [], settings: {}, mail: full });
        const { main, services, omitted } = toDialect(settings, version, problems);
        assert.deepEqual(problems.list, []);
        assert.deepEqual(
            omitted.filter((name) => name !== "tls_required_enable"),
            [],
        );
        for (const [name, value] of Object.entries(laptopMailMain(full)))
            assert.equal(main[name], value, name);
        assert.deepEqual(services, settings.services);
    });
}

test("outbound mail leaves outside the chroot; in the chroot the lines are the distribution's own", () => {
    const services = laptopServices(undefined);
    assert.deepEqual(Object.keys(services), ["smtp/unix", "relay/unix"]);
    const render = (chroot: boolean | undefined) =>
        parseMasterCf(
            Object.entries(laptopServices(chroot))
                .flatMap(([name, service]) => renderService(name, service))
                .join("\n"),
        ).services;
    for (const [chroot, column] of [
        [undefined, "n"],
        [false, "n"],
        [true, "y"],
    ] as const) {
        assert.deepEqual(
            render(chroot).map((service) => service.chroot),
            [column, column],
        );
        for (const service of render(chroot)) assert.ok(isStockService(service), service.service);
    }
    assert.equal(services["smtp/unix"]?.yields, true, "to an admin's own line, which nobody asked to change");
    assert.equal(laptopServices(false)["smtp/unix"]?.yields, undefined);
});

const check = (more: Record<string, unknown>): string[] =>
    problemsOf(validateRoadWarrior, {
        smartHost: link,
        connection: { host: "192.0.2.101", user: "admin", hostKey },
        ...more,
    });

test("good words about a laptop's mail pass", () => {
    assert.deepEqual(check({ ...full }), []);
    assert.deepEqual(check({ delayWarningTime: "0h", queueLifetime: "100d", chroot: true }), []);
    assert.deepEqual(check({ inetInterfaces: "$myhostname, [::1]", myorigin: "/etc/mailname" }), []);
    assert.deepEqual(check({ inetProtocols: "ipv4", mydestination: [], myorigin: "$mydomain" }), []);
});

const refused: [args: Record<string, unknown>, problem: RegExp][] = [
    [{ queueLifetime: "14" }, /^queueLifetime: given "14" \(a string\), allowed: .* e\.g\. "14d"$/],
    [{ queueLifetime: 14 }, /^queueLifetime: given 14, /],
    [{ queueLifetime: "0d" }, /^queueLifetime: given "0d" .*more than 0/],
    [{ queueLifetime: "101d" }, /^queueLifetime: .*at most 100d/],
    [{ queueLifetime: "14 days" }, /^queueLifetime: /],
    [
        { queueLifetime: "12h" },
        /^delayWarningTime: not given, which means 1d, allowed: less than queueLifetime \(12h\)/,
    ],
    [{ delayWarningTime: "2w" }, /^delayWarningTime: given "2w" .*less than queueLifetime \(14d\)/],
    [{ delayWarningTime: "0" }, /^delayWarningTime: .*"0h" for no warning/],
    [{ inetInterfaces: "" }, /^inetInterfaces: given "" .*"loopback-only", "all"/],
    [{ inetInterfaces: "a\nb" }, /^inetInterfaces: /],
    [{ mydestination: "localhost" }, /^mydestination: given .*a list of domains/],
    [{ mydestination: ["a, b"] }, /^mydestination\[0\]: given "a, b"/],
    [{ myorigin: "@example.com" }, /^myorigin: given "@example\.com"/],
    [{ rootMail: "admin" }, /^rootMail: given "admin" .*one address with its domain/],
    [{ rootMail: "a@b.example, c@d.example" }, /^rootMail: /],
    [{ rootMail: "admin@localhost" }, /^rootMail: .*this laptop itself/],
    [{ genericAddresses: ["alice"] }, /^genericAddresses: given a list/],
    [{ genericAddresses: { "a b": "a@b.example" } }, /^genericAddresses\["a b"\]: is no local address/],
    // In main.cf's own table its key would end at the =.
    [{ genericAddresses: { "a=b": "a@b.example" } }, /^genericAddresses\["a=b"\]: is no local address/],
    [
        { genericAddresses: { alice: "alice" } },
        /^genericAddresses\.alice: given "alice" .*an address with its domain/,
    ],
    [{ genericAddresses: { alice: "a@b.example, c@d.example" } }, /^genericAddresses\.alice: /],
    [{ genericAddresses: { alice: "{x}@b.example" } }, /^genericAddresses\.alice: /],
    [{ chroot: "n" }, /^chroot: given "n" .*true or false/],
    [{ inetProtocols: "IPv4" }, /^inetProtocols: given "IPv4" .*is "ipv4" meant\?/],
    [
        { inetProtocols: "ipv4", settings: { inet_protocols: "all" } },
        /^settings\.inet_protocols: is set by inetProtocols/,
    ],
];
for (const [args, problem] of refused) {
    test(`refused: ${JSON.stringify(args)}`, () => {
        const found = check(args);
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found[0] ?? "", problem);
    });
}

test("what an argument sets is refused among the settings, only where the argument is given", () => {
    for (const name of ["maximal_queue_lifetime", "bounce_queue_lifetime", "delay_warning_time"])
        assert.match(check({ settings: { [name]: "5d" } })[0] ?? "", /is set by this resource itself/, name);
    const settings = { myorigin: "example.org", virtual_alias_maps: "hash:/x", smtp_generic_maps: "hash:/x" };
    assert.deepEqual(check({ settings }), []);
    assert.equal(check({ ...full, settings }).length, 3);
    const domains = { virtual_alias_domains: "example.org" };
    assert.equal(check({ rootMail: "admin@example.com", settings: domains }).length, 1);
});

test("a stack's config passes all of it through, for one laptop or for all", () => {
    const connection = { host: "192.0.2.101", user: "admin", hostKey };
    const words = { ...full, chroot: false, inetProtocols: "ipv4" };
    const config = (defaults: Record<string, unknown>, alice: Record<string, unknown>) => ({
        smartHost: { hostname: "mailhub.example.com", connection: { ...connection, host: "192.0.2.25" } },
        defaults,
        laptops: { alice: { connection, ...alice } },
    });
    const check = (given: Record<string, unknown>) =>
        problemsOf((args, problems) => validateStackConfig(args, problems, () => true), given);
    assert.deepEqual(check(config({}, words)), []);
    assert.deepEqual(check(config(words, {})), []);
    assert.match(check(config({ queueLifetime: "1" }, {}))[0] ?? "", /^defaults\.queueLifetime: given "1"/);
});
