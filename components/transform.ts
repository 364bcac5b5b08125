import type * as pulumi from "@pulumi/pulumi";

/**
 * The way past our arguments to those of one child: either some of its arguments, which replace ours, or a function
 * that changes arguments and options in place. What it does is yours: it is not checked here, only by the provider.
 *
 * @example
 * ```ts
 * new SmartHost("hub", args, {
 *     transform: { certificate: (args) => { args.ipAddresses = ["192.0.2.25"]; } },
 * });
 * ```
 */
export type Transform<T> = Partial<T> | ((args: T, opts: pulumi.CustomResourceOptions, name: string) => void);

/** The arguments and options of a child, after the user's transform. */
export function transformed<T extends object>(
    transform: Transform<T> | undefined,
    name: string,
    args: T,
    opts: pulumi.CustomResourceOptions,
): [string, T, pulumi.CustomResourceOptions] {
    const result = { args: { ...args }, opts: { ...opts } };
    if (typeof transform === "function") transform(result.args, result.opts, name);
    else Object.assign(result.args, transform);
    return [name, result.args, result.opts];
}
