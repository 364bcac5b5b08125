// The package's public names, and nothing else: what stands here is promised.

export { SmartHostMode } from "../postfix/roles/smart-host";
export { Role } from "../postfix/settings";
export {
    Ciphers,
    InetProtocols,
    KeyAlgorithm,
    OnDelete,
    OnUnreachable,
    OutboundSecurity,
    ProtocolFloor,
    PublicPort,
    SaslType,
    Security,
} from "../postfix/words";
export type { BundleArgs } from "./bundle-args";
export type {
    CertificateArgs,
    CertificateFilesArgs,
    HubCertificateArgs,
    KeyAndCertificateArgs,
} from "./certificate-args";
export type { CredentialTransforms, MachineTransforms } from "./credentials";
export { Fleet } from "./fleet";
export type {
    FleetArgs,
    FleetLaptopArgs,
    FleetRelayAccessArgs,
    NamedLaptopArgs,
} from "./fleet-args";
export type { HatchArgs, ServiceArgs, TableArgs } from "./hatch-args";
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
export type { HubTlsArgs } from "./hub-tls-args";
export type { Identity } from "./identity";
export { InputError } from "./input-error";
export type { CertificateTransforms } from "./key-and-certificate";
export type { LaptopMailArgs } from "./laptop-args";
export type { LaptopProof } from "./laptop-proof";
export type { SmartHostLink } from "./link";
export { linkOf } from "./link-of";
export type { HookArgs, LoginArgs, MachineArgs, ReachArgs, WantedArgs } from "./machine-args";
export type { NetworkArgs } from "./network-args";
export { RelayAccess, type RelayAccessArgs, type RelayAccessOptions } from "./relay-access";
export { RoadWarrior } from "./road-warrior";
export type { RoadWarriorArgs, RoadWarriorOptions } from "./road-warrior-args";
export type { RouteArgs } from "./route-args";
export type { HubLoginArgs, HubSaslArgs, LaptopLoginArgs, LaptopSaslArgs } from "./sasl-args";
export type { SenderArgs } from "./sender-args";
export { SmartHost } from "./smart-host";
export type { SmartHostArgs, SmartHostOptions } from "./smart-host-args";
export type { TlsArgs } from "./tls-args";
export type { Transform } from "./transform";
