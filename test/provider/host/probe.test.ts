import assert from "node:assert/strict";
import { test } from "node:test";
import { readFacts } from "../../../provider/host/facts";
import { pin } from "./fixtures";

const blob = (name: string, content: string) => `${name}:${Buffer.from(content).toString("base64")}`;

test("what a host answers becomes facts", () => {
    const facts = readFacts([
        "version=3.7.11",
        "config=/usr/local/etc/postfix",
        "queue=3",
        "hostname=alice",
        "fqdn=alice.example.com",
        "maptypes=btree cidr  texthash ",
        "unknown=nonsense more",
        blob("parameters", "2bounce_notice_recipient\nbiff\n"),
        blob("defaults", "biff = yes\nmyorigin = $myhostname\nrelayhost =\n"),
        "named /etc/ssl/a.pem=file EC PRIVATE KEY,CERTIFICATE,",
        "named /etc/ssl/certs=folder",
        "named /etc/nowhere=",
        "nodaemon=/usr/lib/postfix/sbin/smtpdd smtpdd",
        "badtable=hash:/etc/x fatal: open database /etc/x.db: No such file or directory",
        "master=4711",
        "ipv6=off",
        "sendmail=/usr/lib/sendmail",
        "listen=587 00000000 4711 master",
        "listen=25 0100007F 99 exim4",
        "journal=0123456789abcdef",
        blob("main.cf", "relayhost = a\n"),
        blob("master.cf", "smtp inet n - y - - smtpd\n"),
        blob("pins hub-00000001/0123456789abcdef", `${pin(1)}\n\n${pin(2)}\n`),
        blob("pins laptops-00000003/ffffffffffffffff", ""),
        "file=600 root:root abc identity.pem",
        blob("content identity.pem", "CERTIFICATE"),
        "file=644 eve:eve def clients",
        "place=755 eve:root /etc/postfix/pulumi",
        "altered=/etc/postfix/pulumi/hub-00000001/0123456789abcdef/clients.db",
        "group=postfix",
        "there=/etc/network/if-up.d",
        "there=/etc/network/if-up.d/postfix",
        "flushes=/etc/network/if-up.d/postfix",
        "hook=755 root:root abc ours /etc/network/if-up.d/zz-pulumi-postfix-alice-0000000a",
        "hook=777 eve:eve  foreign /etc/network/if-up.d/zz-pulumi-postfix-eve",
        `clients laptops-00000003/ffffffffffffffff:${Buffer.from("AA alice\n").toString("base64")}`,
        `proofs laptops-proofs-00000004/ffffffffffffffff:${Buffer.from("proven-AA BB\n").toString("base64")}`,
        "result probed",
    ]);
    assert.deepEqual(facts, {
        version: "3.7.11",
        configDirectory: "/usr/local/etc/postfix",
        mainCf: "relayhost = a\n",
        masterCf: "smtp inet n - y - - smtpd\n",
        hostname: "alice",
        fqdn: "alice.example.com",
        mapTypes: ["btree", "cidr", "texthash"],
        unknownNames: ["nonsense", "more"],
        parameters: ["2bounce_notice_recipient", "biff"],
        defaults: { biff: "yes", myorigin: "$myhostname", relayhost: "" },
        named: {
            files: {
                "/etc/ssl/a.pem": ["file", "EC PRIVATE KEY", "CERTIFICATE"],
                "/etc/ssl/certs": ["folder"],
                "/etc/nowhere": [],
            },
            badTables: { "hash:/etc/x": "fatal: open database /etc/x.db: No such file or directory" },
            missingDaemons: { smtpdd: "/usr/lib/postfix/sbin/smtpdd" },
        },
        running: true,
        masterPid: "4711",
        ipv6: false,
        foreignSendmail: "/usr/lib/sendmail",
        queueLength: 3,
        listeners: [
            { port: 587, address: "00000000", pid: "4711", command: "master" },
            { port: 25, address: "0100007F", pid: "99", command: "exim4" },
        ],
        pins: { "hub-00000001/0123456789abcdef": [pin(1), pin(2)], "laptops-00000003/ffffffffffffffff": [] },
        generationFiles: [
            { name: "identity.pem", mode: "600", owner: "root:root", sha256: "abc", content: "CERTIFICATE" },
            { name: "clients", mode: "644", owner: "eve:eve", sha256: "def", content: "" },
        ],
        places: [{ path: "/etc/postfix/pulumi", mode: "755", owner: "eve:root" }],
        altered: ["/etc/postfix/pulumi/hub-00000001/0123456789abcdef/clients.db"],
        group: "postfix",
        network: {
            there: ["/etc/network/if-up.d", "/etc/network/if-up.d/postfix"],
            flushes: ["/etc/network/if-up.d/postfix"],
            hooks: [
                {
                    path: "/etc/network/if-up.d/zz-pulumi-postfix-alice-0000000a",
                    mode: "755",
                    owner: "root:root",
                    sha256: "abc",
                    ours: true,
                },
                {
                    path: "/etc/network/if-up.d/zz-pulumi-postfix-eve",
                    mode: "777",
                    owner: "eve:eve",
                    sha256: "",
                    ours: false,
                },
            ],
        },
        lyingFiles: { certificates: {}, keyBlocks: {} },
        laptops: { grants: ["AA alice\n"], proofs: ["proven-AA BB\n"] },
        interrupted: true,
    });
});

test("of a host that said nothing nothing is taken for granted, least of all that Postfix runs", () => {
    assert.deepEqual(readFacts([]), {
        version: "",
        configDirectory: "/etc/postfix",
        mainCf: "",
        masterCf: "",
        hostname: "",
        fqdn: "",
        mapTypes: [],
        unknownNames: [],
        parameters: [],
        defaults: {},
        named: { files: {}, badTables: {}, missingDaemons: {} },
        running: false,
        masterPid: "",
        ipv6: true,
        foreignSendmail: "",
        queueLength: 0,
        listeners: [],
        pins: {},
        generationFiles: [],
        places: [],
        altered: [],
        network: { there: [], flushes: [], hooks: [] },
        lyingFiles: { certificates: {}, keyBlocks: {} },
        laptops: { grants: [], proofs: [] },
        interrupted: false,
    });
});

test("lines that are no answer are left out: a banner, a shell's complaint, the host's own mail text", () => {
    const odd = [
        "",
        "Welcome to alice!",
        "=",
        ":",
        "= x",
        "Last login: today",
        "MAIN.CF:AAAA",
        "/bin/sh: 1: x: not found",
    ];
    assert.deepEqual(readFacts([...odd, "master="]), readFacts(["master="]));
    assert.equal(readFacts(["master="]).running, false);
});

test("a value may hold the signs that part names from values", () => {
    const facts = readFacts(["hostname=a=b:c", "fqdn=x:y", "version=3.7=1"]);
    assert.deepEqual([facts.hostname, facts.fqdn, facts.version], ["a=b:c", "x:y", "3.7=1"]);
});

test("the name of a process may hold blanks", () => {
    const [listener] = readFacts(["listen=587 00000000 12 tmux: server (1)"]).listeners;
    assert.deepEqual(listener, { port: 587, address: "00000000", pid: "12", command: "tmux: server (1)" });
});
