import assert from "node:assert/strict";
import { test } from "node:test";
import { Problems } from "../../postfix/problems";
import { validateRoadWarrior } from "../../postfix/validate/road-warrior";
import { validateSmartHost } from "../../postfix/validate/smart-host";
import { validateStackConfig } from "../../postfix/validate/stack-config";
import { authority, privateKey, selfSigned, signedBy } from "../certificates";
import { hostKey, later, link, pin, problemsOf } from "./validate-helpers";

const hub = { hostname: "mailhub.example.com", connection: { host: "192.0.2.25", hostKey } };
const laptop = { smartHost: later, connection: { host: "192.0.2.101", hostKey } };
const ofHub = (more: Record<string, unknown>) => problemsOf(validateSmartHost, { ...hub, ...more });
const ofLaptop = (more: Record<string, unknown>) => problemsOf(validateRoadWarrior, { ...laptop, ...more });

const ec = selfSigned("mailhub.example.com");
const rsa = selfSigned("mailhub.example.com", privateKey("rsa"));
const ca = authority();
const files = { keyFile: "/etc/letsencrypt/live/a/privkey.pem", certificateFile: "/etc/ssl/mail+1.pem" };
const keyLines = [ec, rsa, ca].flatMap((pair) =>
    pair.privateKey.split("\n").filter((line) => /^[\w+/=]{20}/.test(line)),
);

test("certificates from each place are fine, alone", () => {
    for (const of of [ofHub, ofLaptop]) {
        assert.deepEqual(of({ certificates: [ec, rsa] }), []);
        assert.deepEqual(of({ certificates: [signedBy(ca, "mailhub.example.com")] }), []);
        assert.deepEqual(of({ signedBy: ca }), []);
    }
    assert.deepEqual(ofHub({ certificateFiles: [files, { ...files, pin: pin("AA") }] }), []);
    assert.deepEqual(ofHub({ nextPins: [pin("AA")], clientAuthority: ca.certificate }), []);
});

test("what comes later is left out, at every depth", () => {
    for (const certificates of [
        later,
        [later],
        [{ privateKey: later, certificate: later }],
        [{ privateKey: later, certificate: ec.certificate }],
        [{ privateKey: ec.privateKey, certificate: later }],
    ])
        assert.deepEqual(ofHub({ certificates }), []);
    for (const signedBy of [later, { privateKey: later, certificate: ca.certificate }])
        assert.deepEqual(ofHub({ signedBy }), []);
    assert.deepEqual(ofHub({ nextPins: [later], clientAuthority: later }), []);
    const known = { certificates: [{ privateKey: later, certificate: "x" }] };
    assert.match(ofHub(known).join(), /^certificates\[0\]\.certificate: is no certificate in PEM/);
});

test("a key of another certificate, and PEM that is none, each at its place and never repeated", () => {
    const mixed = { privateKey: rsa.privateKey, certificate: ec.certificate };
    const found = ofHub({ certificates: [mixed, { ...ec, privateKey: ec.privateKey.slice(0, 90) }] });
    assert.deepEqual(found, [
        "certificates[0].privateKey: does not belong to the certificate: give the key that the certificate was made with",
        "certificates[1].privateKey: is no private key in PEM (was it cut off when it was copied?)",
    ]);
    const more = [
        ...ofHub({ certificates: [ec.privateKey] }),
        ...ofHub({ certificates: ec.privateKey }),
        ...ofHub({ certificates: [{ privateKey: ec.certificate, certificate: ec.privateKey }] }),
        ...ofHub({ signedBy: ca.privateKey }),
        ...ofHub({ certificateFiles: [{ ...files, keyFile: ec.privateKey }] }),
        ...ofHub({ clientAuthority: ca.privateKey }),
    ];
    assert.equal(more.length, 7, more.join("\n"));
    for (const text of [...found, ...more]) {
        assert.ok(!text.includes("MI"), `no byte of a key: ${text}`);
        for (const line of keyLines) assert.ok(!text.includes(line), text);
    }
});

test("two keys of one type, none at all, fields that are missing or unknown", () => {
    assert.match(
        ofHub({ certificates: [ec, selfSigned("x")] }).join(),
        /^certificates: has several keys of type ec/,
    );
    assert.match(
        ofHub({ certificates: [] }).join(),
        /^certificates: given an empty list, allowed: at least one/,
    );
    assert.deepEqual(ofHub({ certificates: [{ key: "x" }] }), [
        "certificates[0].key: unknown; allowed: privateKey, certificate",
        "certificates[0].privateKey: missing; the private key as PEM",
        "certificates[0].certificate: missing; the certificate as PEM",
    ]);
    assert.match(
        ofHub({ certificates: [{ ...ec, privateKey: 5 }] }).join(),
        /privateKey: given 5, allowed: PEM/,
    );
});

test("a certificate comes from one place, and only keys that are made here are counted", () => {
    const found = ofHub({ certificates: [ec], signedBy: ca, certificateFiles: [files] });
    assert.deepEqual(found, [
        "signedBy: does not go with certificates: a machine's certificate comes from one place",
        "certificateFiles: does not go with certificates: a machine's certificate comes from one place",
    ]);
    const counted = /Generation: counts the keys that are made here, and yours are your own: leave it out$/;
    assert.match(ofHub({ certificates: [ec], keyGeneration: 2 }).join(), counted);
    assert.match(ofHub({ certificateFiles: [files], keyGeneration: 2 }).join(), counted);
    assert.match(
        ofLaptop({ certificates: [ec], clientKeyGeneration: 2 }).join(),
        /^clientKeyGeneration: counts/,
    );
    assert.deepEqual(ofHub({ signedBy: ca, keyGeneration: 2 }), [], "its keys are made here");
});

test("what is no CA cannot sign", () => {
    const leaf = signedBy(ca, "mailhub.example.com");
    assert.match(ofHub({ signedBy: leaf }).join(), /^signedBy\.certificate: is no CA's/);
    assert.match(
        ofLaptop({ signedBy: { ...ca, privateKey: ec.privateKey } }).join(),
        /^signedBy\.privateKey: does not belong to the certificate/,
    );
});

test("files on the hub are absolute paths that main.cf and master.cf can hold", () => {
    for (const keyFile of ["privkey.pem", "~/key", "/a b", "/a,b", "/$x", "/a/", "/", "", 5, "/a\nb"])
        assert.match(
            ofHub({ certificateFiles: [{ ...files, keyFile }] }).join(),
            /^certificateFiles\[0\]\.keyFile: given .*allowed: an absolute path/s,
            String(keyFile),
        );
    assert.match(
        ofHub({ certificateFiles: [{ ...files, certificateFile: ec.certificate }] }).join(),
        /^certificateFiles\[0\]\.certificateFile: holds PEM, allowed: the path of a file on the hub/,
    );
    assert.match(
        ofHub({ certificateFiles: [{ ...files, pin: "AA:BB" }] }).join(),
        /^certificateFiles\[0\]\.pin: given "AA:BB": it has 4 hex digits/,
    );
    assert.match(ofHub({ certificateFiles: [{}] }).join(), /keyFile: missing.*certificateFile: missing/);
    assert.match(ofHub({ certificateFiles: [] }).join(), /^certificateFiles: given an empty list/);
    assert.match(ofLaptop({ certificateFiles: [files] }).join(), /^certificateFiles: unknown/);
});

test("pins that are announced are well formed; a CA of the laptops is a certificate", () => {
    assert.match(
        ofHub({ nextPins: ["AA:BB", 5] }).join(),
        /^nextPins\[0\]: given "AA:BB".*nextPins\[1\]: given 5/,
    );
    assert.match(
        ofHub({ clientAuthority: "/etc/ssl/ca.pem" }).join(),
        /^clientAuthority: .*looks like a path/,
    );
    assert.match(ofHub({ clientAuthority: ca.privateKey }).join(), /^clientAuthority: holds a private key/);
});

test("in a stack's config a key stands encrypted, and a path is none", () => {
    const found = new Problems();
    const own = { certificates: [ec], signedBy: ca };
    const laptops = { alice: { connection: laptop.connection, certificates: [ec] } };
    validateStackConfig({ smartHost: { ...hub, ...own }, laptops }, found, () => false);
    const inClear = found.list.filter(({ reason }) => reason.startsWith("stands in the stack file in clear"));
    assert.deepEqual(
        inClear.map(({ path }) => path),
        [
            "smartHost.certificates[0].privateKey",
            "smartHost.signedBy.privateKey",
            "laptops.alice.certificates[0].privateKey",
        ],
    );
    const onHost = new Problems();
    validateStackConfig({ smartHost: { ...hub, certificateFiles: [files] } }, onHost, () => false);
    assert.deepEqual(onHost.list, []);
});

test("a hub's link may name the CA that vouches for it", () => {
    assert.deepEqual(ofLaptop({ smartHost: { ...link, certificateAuthority: ca.certificate } }), []);
    assert.match(
        ofLaptop({ smartHost: { ...link, certificateAuthority: "x" } }).join(),
        /^smartHost\.certificateAuthority: is no certificate in PEM/,
    );
});
