import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DirectProvider, type Kept } from "./direct";
import { directGrant, directHub, directLaptop, newKeyPair } from "./direct-machines";
import { arrives, configuration } from "./lab";

/** That tests may trust the provider without an engine: what it makes of the lab is what an `up` makes of it. */
let provider: DirectProvider;
const [hubKey, laptopKey] = [newKeyPair("hub"), newKeyPair("laptop1")];
const originals = new Map<string, string>();

before(async () => {
    provider = await DirectProvider.start();
    for (const host of ["hub", "laptop1"]) originals.set(host, configuration(host));
});
after(() => provider.stop());

test("asked without an engine, the provider makes, changes, refreshes and removes a hub and its laptop", async () => {
    const wanted = directHub("hub", hubKey);
    assert.deepEqual(await provider.check(wanted), []);
    await provider.preview(wanted);
    assert.equal(configuration("hub"), originals.get("hub"));
    const kept: Kept[] = [await provider.create(wanted)];
    kept.push(await provider.create(directGrant("laptops", "hub", [{ name: "a", pins: [laptopKey.pin] }])));
    const laptop = directLaptop("laptop1", laptopKey, { host: "hub", pins: [hubKey.pin] });
    kept.push(await provider.create(laptop));
    assert.equal(kept[2]?.outputs.provenBy, "postfix");
    await arrives("laptop1", "hub", "without-an-engine");

    const more = directHub("hub", hubKey, { settings: { smtpd_banner: "$myhostname" } });
    assert.deepEqual(await provider.diff(kept[0] as Kept, more), ["main.smtpd_banner"]);
    kept[0] = await provider.update(kept[0] as Kept, more);
    assert.deepEqual(await provider.diff(kept[0], more), []);
    assert.equal((await provider.read(kept[0]))?.id, kept[0].id);

    for (const each of kept.reverse()) await provider.delete(each);
    for (const [host, original] of originals) assert.equal(configuration(host), original, host);
});
