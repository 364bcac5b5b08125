import assert from "node:assert/strict";
import { test } from "node:test";
import { networkFault, networkSize } from "../../postfix/networks";

test("networks as Postfix takes them", () => {
    for (const word of [
        ...["127.0.0.0/8", "192.0.2.1", "0.0.0.0/0", "10.1.2.3/32"],
        ...[
            "[::1]/128",
            "[2001:db8::]/32",
            "2001:db8::/32",
            "::",
            "[::ffff:127.0.0.0]/104",
            "1:2:3:4:5:6:7:8",
        ],
    ])
        assert.equal(networkFault(word), undefined, word);
});

test("what is no network is told, and of one with host bits the network that was meant", () => {
    for (const word of [
        "localhost",
        "10.0.0",
        "1.2.3.256",
        "1:2",
        "x1.2.3.4",
        "1.2.3.4x",
        "1.2.3.0004",
        "[1.2.3.4",
        "1.2.3.4]",
        "[::1]x",
        "1:2:3:4:5:6:7::8",
        "1::2::3",
        "",
        "1:2:3:4:5:6:7:8:9",
        "::12345",
    ])
        assert.equal(networkFault(word), "is no IP address", word);
    assert.equal(networkFault("10.0.0.0/33"), 'has "/33" behind the address, allowed: /0 to /32');
    assert.equal(networkFault("[::]/129"), 'has "/129" behind the address, allowed: /0 to /128');
    assert.equal(networkFault("10.0.0.0/8x"), 'has "/8x" behind the address, allowed: /0 to /32');
    assert.equal(networkFault("10.0.0.0/x8"), 'has "/x8" behind the address, allowed: /0 to /32');
    assert.equal(networkFault("10.0.0.0/"), 'has "/" behind the address, allowed: /0 to /32');
    assert.match(networkFault("192.168.1.7/24") ?? "", /write 192\.168\.1\.0\/24$/);
    assert.match(networkFault("10.255.0.0/9") ?? "", /write 10\.128\.0\.0\/9$/);
    assert.match(networkFault("[2001:db8::1]/32") ?? "", /write 2001:db8::\/32$/);
    assert.match(networkFault("2001:db8:1:2:3:4:5:6/127") ?? "undefined", /undefined/);
    assert.match(networkFault("2001:db8:1:2:3:4:5:7/127") ?? "", /write 2001:db8:1:2:3:4:5:6\/127$/);
});

test("how wide a network is", () => {
    assert.deepEqual(networkSize("10.0.0.0/8"), { family: 4, bits: 8 });
    assert.deepEqual(networkSize("10.0.0.1"), { family: 4, bits: 32 });
    assert.deepEqual(networkSize("[::1]"), { family: 6, bits: 128 });
    assert.equal(networkSize("hash:/x"), undefined);
});
