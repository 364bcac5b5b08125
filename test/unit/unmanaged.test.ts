import assert from "node:assert/strict";
import { test } from "node:test";
import { rewrite } from "../../postfix/fragment/rewrite";
import { unmanagedSettings } from "../../postfix/unmanaged";

const host = { fqdn: "alice.example.com", hostname: "alice" };
const unmanaged = (mainCf: string) => unmanagedSettings(mainCf, host);

test("what an admin set is listed as it counts, what the distribution wrote is not", () => {
    assert.deepEqual(
        unmanaged(
            "biff = no\nmyhostname = alice.example.com\nmessage_size_limit = 1\nbiff = yes\nmessage_size_limit =\n  5\nrelayhost =\n",
        ),
        ["biff = yes", "message_size_limit = 5"],
    );
});

test("ours is not, nor what yields to it, unless somebody writes behind our block", () => {
    const own = { instance: "0".repeat(16), body: ["relayhost = [hub]:587"], hides: () => true };
    const mainCf = rewrite("relayhost = [isp]\n", "alice-00000001", own);
    assert.deepEqual(unmanaged(mainCf), []);
    assert.deepEqual(unmanaged(`${mainCf}relayhost = [other]\n`), ["relayhost = [other]"]);
});

test("a password in main.cf is not repeated", () => {
    assert.deepEqual(
        unmanaged(
            [
                "people_bind_pw = hunter2",
                "db_password = hunter2",
                "smtp_sasl_password_maps = inline:{ hub=user:hunter2 }",
                "virtual_alias_maps = mysql:{ user=x password=hunter2 }",
                "smtp_sasl_password_maps_more = texthash:/etc/postfix/sasl_passwd",
                "my_own_password_maps = texthash:/etc/postfix/sasl_passwd",
                "alias_inline = inline:{ a=b }",
                "password_length = 8",
                "a_map = pgsql:{ PASSWD = hunter2, dbname=x }",
                "TOKEN = hunter2",
                "",
            ].join("\n"),
        ),
        [
            "people_bind_pw = (not shown)",
            "db_password = (not shown)",
            "smtp_sasl_password_maps = (not shown)",
            "virtual_alias_maps = mysql:{ user=x password=(not shown) }",
            "smtp_sasl_password_maps_more = texthash:/etc/postfix/sasl_passwd",
            "my_own_password_maps = texthash:/etc/postfix/sasl_passwd",
            "alias_inline = inline:{ a=b }",
            "password_length = 8",
            "a_map = pgsql:{ PASSWD = (not shown), dbname=x }",
            "TOKEN = (not shown)",
        ],
    );
});
