import { DirectProvider, type Kept, type Values } from "../e2e/direct";
import { directGrant, directHub, directLaptop, newKeyPair } from "../e2e/direct-machines";
import { unseen } from "../e2e/unseen-value";
import type { Slot } from "./kinds";
import type { Fleet, Variant } from "./plan";

/** Of which machine a resource is. */
export const hostOf = (slot: Slot): string => (slot === "grant" ? "hub" : slot);

/** The resources of a run as an engine would keep them, and a provider that may be killed. */
export class Resources {
    provider!: DirectProvider;
    private leaving?: Promise<void>;
    private readonly keys = [newKeyPair("hub"), newKeyPair("hub")] as const;
    private readonly laptops = { laptop1: newKeyPair("laptop1"), laptop2: newKeyPair("laptop2") };
    private readonly others = Array.from({ length: 4 }, (_, n) => newKeyPair(`other${n}`));
    private readonly kept = new Map<Slot, { kept: Kept; variant: Variant }>();

    async start(): Promise<void> {
        this.provider = await DirectProvider.start();
    }

    stop(): void {
        this.provider?.stop();
    }

    /** The provider's process gets this signal; SIGINT it may take its time to obey. */
    signal(signal: NodeJS.Signals): void {
        const { process } = this.provider;
        this.leaving = new Promise((resolve) => process.once("exit", () => resolve()));
        process.kill(signal);
    }

    /** Another one, where it was told to end. */
    async revive(): Promise<void> {
        if (!this.leaving) return;
        await this.leaving;
        this.leaving = undefined;
        this.provider.stop();
        await this.start();
    }

    has = (slot: Slot): boolean => this.kept.has(slot);

    /** One change, as the engine would ask for it; what fails leaves the state as it was. */
    async change(slot: Slot, variant: Variant | undefined): Promise<void> {
        const before = this.kept.get(slot);
        if (!variant) {
            if (before) await this.provider.delete(before.kept);
            this.kept.delete(slot);
            return;
        }
        const inputs = this.inputs(slot, variant);
        const kept = before
            ? await this.provider.update(before.kept, inputs)
            : await this.provider.create(inputs);
        this.kept.set(slot, { kept, variant });
    }

    /** What an `up` would still change, with no look at the host. */
    async outstanding(slot: Slot): Promise<string[]> {
        const before = this.kept.get(slot);
        return before ? this.provider.diff(before.kept, this.inputs(slot, before.variant)) : [];
    }

    /** As `pulumi refresh`: the state is what the host has from then on. Says what the next change will mend. */
    async refresh(slot: Slot): Promise<string[]> {
        const before = this.kept.get(slot);
        if (!before) return [];
        const seen = await this.provider.read(before.kept);
        if (!seen) {
            this.kept.delete(slot);
            return ["the whole fragment"];
        }
        this.kept.set(slot, { ...before, kept: seen });
        return this.provider.diff(seen, this.inputs(slot, before.variant));
    }

    /** Whatever differs from this fleet, in an order in which it can be made. */
    async bringTo(fleet: Fleet): Promise<void> {
        const isLike = (slot: Slot) =>
            JSON.stringify(this.kept.get(slot)?.variant) === JSON.stringify(fleet[slot]);
        const order: Slot[] = fleet.hub
            ? ["hub", "grant", "laptop1", "laptop2"]
            : ["laptop2", "laptop1", "grant", "hub"];
        for (const slot of order) if (!isLike(slot)) await this.change(slot, fleet[slot]);
    }

    private inputs(slot: Slot, variant: Variant): Values {
        const settings: Record<string, string> =
            variant.protocols === "ipv4" ? { inet_protocols: "ipv4" } : {};
        const pins = this.keys.map(({ pin }) => pin);
        switch (slot) {
            case "hub": {
                settings.smtpd_banner = `$myhostname ESMTP ${variant.count}`;
                if (variant.isSpoilt) Object.assign(settings, unseen("smtpd_timeout", "5 parsecs"));
                // Nobody keeps a record of what the laptops have proven here; they pin both keys from the start.
                const leaveBehind = [...Object.keys(this.laptops), ...this.others.map((_, n) => `other${n}`)];
                return directHub("hub", this.keys[variant.key], { settings }, { leaveBehind });
            }
            case "grant": {
                const more = this.others.filter((_, n) => (variant.count >> n) % 2 === 1);
                const all = [
                    ...Object.entries(this.laptops).map(([name, { pin }]) => ({ name, pins: [pin] })),
                    ...more.map(({ pin }, n) => ({ name: `other${n}`, pins: [pin] })),
                ];
                return directGrant("laptops", "hub", all);
            }
            default: {
                settings.qmgr_message_active_limit = String(10000 + variant.count);
                if (variant.isSpoilt) Object.assign(settings, unseen("smtp_connect_timeout", "5 parsecs"));
                return directLaptop(slot, this.laptops[slot], { host: "hub", pins }, { settings });
            }
        }
    }
}
