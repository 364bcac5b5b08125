/** What a laptop has proven to know its hub by: plain data without any secret, for other stacks too. */
export interface LaptopProof {
    /** Name for people, as in the laptop's identity. */
    name: string;
    /** Pins of the laptop's own keys. */
    pins: string[];
    /**
     * Pins of its hubs that the laptop had when it was last proven, or "any" where its `security` looks at no key.
     * Absent: it has proven nothing yet, so no hub's key may change without it (`leaveBehind`).
     */
    hubPins?: string[];
}
