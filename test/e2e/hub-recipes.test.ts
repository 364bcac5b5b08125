import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, lab, mailWith, on, tryOn } from "./lab";
import { MailFlow } from "./mail-flow";
import { OwnFleet } from "./own-fleet";
import { relayed } from "./relayed-mail";
import { succeeds } from "./stack";

const fleet = new OwnFleet("recipes");
const second = "hub-second";
const renamed = { hub: { hostname: "mx.example.com" } };
const setting = (host: string, name: string): string => on(host, `postconf -h ${name}`).trim();
const up = () => succeeds(fleet.stack.up("--skip-preview"));

before(async () => {
    fleet.machines({ hub: {} }, { laptop1: { smartHost: { link: "hub" } } });
    await up();
    await relayed("laptop1", "by-first-name");
});
after(() => fleet.remove());

test("a hub that is renamed: its laptop follows in the same up, by the same key, and mail flows", async () => {
    // The lab's DNS knows the new name, and the hub answers at its address.
    lab("add", "hub-mx", "10.77.2.9", "--fqdn", "mx.example.com");
    lab("takeover", "hub", "hub-mx");
    const pins = setting("laptop1", "smtp_tls_fingerprint_cert_match");
    const mail = new MailFlow("hub", ["laptop1"]);
    mail.begin();
    fleet.machines(renamed, { laptop1: { smartHost: { link: "hub" } } });
    await up();
    assert.equal(setting("laptop1", "relayhost"), "[mx.example.com]:587");
    assert.equal(setting("laptop1", "smtp_tls_fingerprint_cert_match"), pins);
    const named = on("hub", "openssl x509 -noout -subject -in $(postconf -h smtpd_tls_chain_files)");
    assert.match(named, /CN = mx\.example\.com/);
    await mail.flows("laptop1");
    await mail.settles();
    await relayed("laptop1", "by-new-name");
    assert.match(on("laptop1", "grep relay=mx.example.com /var/log/mail.log"), /status=sent/);
});

test("a second hub: granted there by the same up, and mail goes there when the first is off", async () => {
    lab("add", second, "10.77.2.1", "--fqdn", "mailsecond.example.com");
    const fallbackSmartHosts = [{ link: second }];
    fleet.machines(
        { ...renamed, [second]: {} },
        { laptop1: { smartHost: { link: "hub" }, fallbackSmartHosts } },
    );
    await up();
    lab("stop", "hub");
    await relayed("laptop1", "by-second-hub");
    assert.match(mailWith("outside", "by-second-hub") ?? "", /from mailsecond\.example\.com/);
    lab("start", "hub");
    await eventually("the first is back", () => tryOn("hub", "postfix status").code === 0);
    await relayed("laptop1", "by-first-again");
    assert.match(mailWith("outside", "by-first-again") ?? "", /from mailhub\.example\.com/);
});
