// The package's public names, and nothing else: what stands here is promised.

export { SmartHostMode } from "../postfix/roles/smart-host";
export { Role } from "../postfix/settings";
export { KeyAlgorithm, OnDelete, OnUnreachable, Security } from "../postfix/words";
export type {
    CertificateArgs,
    CertificateFilesArgs,
    HubCertificateArgs,
    KeyAndCertificateArgs,
} from "./certificate-args";
export {
    Host,
    type HostArgs,
    type HostChainArgs,
    type HostProofArgs,
    type HostReachesArgs,
    type HostServesArgs,
    type HostServiceArgs,
    type HostTableArgs,
} from "./host";
export type { Identity } from "./identity";
export { InputError } from "./input-error";
export type { SmartHostLink } from "./link";
export type { HookArgs, MachineArgs, ReachArgs } from "./machine-args";
export type { NetworkArgs } from "./network-args";
export { RelayAccess, type RelayAccessArgs, type RelayAccessOptions } from "./relay-access";
export { RoadWarrior, type RoadWarriorArgs, type RoadWarriorOptions } from "./road-warrior";
export type { RouteArgs } from "./route-args";
export { SmartHost, type SmartHostArgs, type SmartHostOptions } from "./smart-host";
export type { Transform } from "./transform";
