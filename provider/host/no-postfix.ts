import { noPackageManager } from "../../postfix/packages";
import { Role } from "../../postfix/settings";
import { UserError } from "../errors";
import type { HostInputs } from "./inputs";
import type { NoPostfix } from "./probe";

/**
 * What a preview says of a host without Postfix where the same `up` brings it before it comes to us; else that is an
 * error. The package is installed once for each machine: of one that was changed here before, nobody installs it.
 */
export function installedFirst(inputs: HostInputs, isNewMachine: boolean, error: NoPostfix): string {
    if (!isNewMachine) throw error;
    // A grant comes after its hub, whose own Host tells if Postfix is not going to be there.
    if (inputs.role === Role.RelayAccess || inputs.role === Role.LaptopProofs)
        return "Postfix is not on this host yet: what stands there is looked at once it is installed";
    if (!inputs.installPackage) throw error;
    if (error.packageManager === "")
        throw new UserError([{ path: "installPackage", reason: noPackageManager }]);
    return `Postfix is not on this host and will be installed (${error.packageManager}): what stands there is looked at then`;
}
