/** How a laptop is served that no SSH reaches. */
export interface BundleArgs {
    /**
     * Do not reach the laptop over SSH: `bundle`, a secret output, is a shell script that does there what would be done
     * over SSH, run as root by hand or by a device management (docs/fleets.md). Errors: `connection` and whatever else
     * says how a machine is reached or what runs on it by SSH.
     *
     * @default false
     * @example `true`
     */
    bundle?: boolean;
}
