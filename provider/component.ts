/**
 * What the provider makes where a program in another language wants a component, free of the protocol. Arguments and
 * outputs are the SDK's inputs and outputs, options its ComponentResourceOptions.
 */
export type ComponentLogic = (name: string, args: Record<string, unknown>, options: object) => Component;

export interface Component {
    /** An output of the SDK. */
    urn: unknown;
    outputs: Record<string, unknown>;
}
