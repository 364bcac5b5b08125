import assert from "node:assert/strict";
import { describe } from "node:test";
import { deprecations } from "../../postfix/deprecated";
import { property, skip } from "./readings";

/** Of these a wrong value ends postconf before it says anything. */
const fatal = /^(compatibility_level|inet_|mail_owner|setgid_group|default_privs|.*_directory$|authorized_)/;

describe("what postconf warns of", { concurrency: true, skip }, () => {
    property("is named with the same successor", 1, async (postconf) => {
        const defaults = (await postconf.ask({}, "-d")).stdout.toString().split("\n");
        const names = defaults
            .map((line) => line.split(" =", 1)[0] ?? "")
            .filter((name) => name && !fatal.test(name));
        const version = (await postconf.ask({}, "-d", "-h", "mail_version")).stdout.toString().trim();
        const mainCf = Buffer.from(names.map((name) => `${name} = 1\n`).join(""));
        const { stderr } = await postconf.ask({ mainCf }, "-n");
        const warned = [
            ...stderr.toString().matchAll(/support for parameter "(\w+)" will be removed; instead, (.*)/g),
        ];
        for (const [, name = "", instead = ""] of warned) {
            const [said = ""] = deprecations(name, "1", version);
            const successor = /\w+_\w+/.exec(instead)?.[0];
            assert.match(said, successor ? new RegExp(`use ${successor} instead`) : /leave it out/, name);
        }
        assert.ok(warned.length > 15 || !/^3\.(9|\d\d)\./.test(version), stderr.toString());
    });
});
