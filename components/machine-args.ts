import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { InetProtocols, KeyAlgorithm, OnDelete, OnUnreachable } from "../postfix/words";
import type { CertificateArgs } from "./certificate-args";
import type { HatchArgs } from "./hatch-args";
import type { TlsArgs } from "./tls-args";

/** Shell commands of your own around the changes on a machine, run by `@pulumi/command`'s `remote.Command`. */
export interface HookArgs {
    /**
     * Run before the first change and again before each change of the settings, by `/bin/sh` (as root if `sudo` is
     * set). If it fails, nothing is changed. What it prints is shown and stored in the state: no secrets.
     *
     * @default none
     * @example `"etckeeper pre-install"`
     */
    before?: pulumi.Input<string>;
    /**
     * Run after each change that was made and proven, by `/bin/sh` (as root if `sudo` is set).
     *
     * @default none
     * @example `"systemctl restart mail-monitor"`
     */
    after?: pulumi.Input<string>;
}

/** How a machine is reached over SSH. */
export interface ReachArgs extends LoginArgs {
    /**
     * SSH connection: the fields of `@pulumi/command`'s `remote.ConnectionArgs`, under the same names and nothing
     * else. `hostKey` is required, unless `knownHosts` or `insecureIgnoreHostKey` says otherwise: the public host key
     * as `ssh-keyscan` prints it, without the name. Without password and privateKey the SSH agent is asked
     * (`agentSocketPath`, default `$SSH_AUTH_SOCK`), so that the state holds no key at all. Changed
     * credentials are written down and re-apply nothing; another host, port or hostKey is brought to the settings.
     *
     * Errors: a missing or malformed hostKey, an unknown field, a port that is no number from 1 to 65535, a private
     * key that is no PEM or OpenSSH key.
     *
     * @example `{ host: "192.0.2.25", user: "admin", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..." }`
     */
    connection: pulumi.Input<types.input.remote.ConnectionArgs>;
}

/** What is done once a machine is reached, and whom it is taken for. */
export interface LoginArgs {
    /**
     * Run everything on the machine through `sudo -n` (sudo(8)): the user must be allowed to without a password.
     * A user other than root needs it.
     *
     * @default false
     * @example `true`
     */
    sudo?: pulumi.Input<boolean>;
    /**
     * Path of a known_hosts file (sshd(8)) on the machine where Pulumi runs, used where `connection.hostKey` is
     * missing.
     *
     * @default none: `hostKey` says which machine it is
     * @example `"/etc/ssh/ssh_known_hosts"`
     */
    knownHosts?: pulumi.Input<string>;
    /**
     * Trust whatever host key comes, also a wrong one. Whoever stands between gets the password and the machine's
     * private key. For throw-away machines only; every run warns.
     *
     * @default false
     * @example `true`
     */
    insecureIgnoreHostKey?: pulumi.Input<boolean>;
}

/** What hub and laptop have in common. */
export interface MachineArgs extends ReachArgs, WantedArgs {}

/** What is wanted of a hub or laptop, however it is reached. */
export interface WantedArgs extends CertificateArgs, HatchArgs, TlsArgs {
    /**
     * Algorithm of the machine's keys: ECDSA P-256, RSA with 3072 bits, or one of each (postconf(5),
     * smtpd_tls_chain_files, smtp_tls_chain_files). A laptop goes from one to the other through `both` with a
     * run in between, so that its hub learns the new pin first; a hub by `nextKeyAlgorithm` and a step of
     * `keyGeneration`.
     *
     * @default KeyAlgorithm.EcdsaP256
     * @example `KeyAlgorithm.Both`
     */
    keyAlgorithm?: KeyAlgorithm;
    /**
     * How long a certificate is valid, in hours. The peers check its key, not its date; other software may look.
     *
     * @default 43800 (five years)
     * @example `8760` (a year)
     */
    validityPeriodHours?: pulumi.Input<number>;
    /**
     * How long before its end a certificate is made anew, in hours, by the first run from then on. The key stays, so
     * no peer notices. Must be less than validityPeriodHours.
     *
     * @default 720 (thirty days)
     * @example `168` (a week)
     */
    earlyRenewalHours?: pulumi.Input<number>;
    /**
     * Over which protocols Postfix on the machine listens and sends. Becomes `inet_protocols` (postconf(5)); a change
     * of it restarts Postfix. Errors: `ipv6` on a machine where IPv6 is switched off.
     *
     * @default what the machine has; `ipv4` where IPv6 is switched off, and this resource has main.cf
     * @example `InetProtocols.Ipv4`
     */
    inetProtocols?: InetProtocols;
    /**
     * Further main.cf parameters by name (postconf(5)). Errors: a parameter that this resource sets itself, a value
     * with a line break, passwords within a value (`inline:`, `static:`), a name that the machine's Postfix does not
     * know (unless `allowUnknown` is set), on a laptop also whatever would open a way around the hub. A name that is
     * deprecated there is a warning that tells its successor. A setting that is taken out again gets its old value
     * back. A value may be a secret output: it is kept as one in the state, but stands in main.cf, which everybody on
     * the machine can read.
     *
     * @default none
     * @example `{ message_size_limit: "52428800" }`
     */
    settings?: { [parameter: string]: pulumi.Input<string> };
    /**
     * What the machine's admin has set and may yield to ours, for as long as this resource stands: main.cf parameters,
     * master.cf services, or "*" for all. Without it a preview fails and lists each such line; the distribution's
     * stock lines yield without it. The owner of another program's fragment, as an error names it, yields for good.
     *
     * @default none
     * @example `["relayhost", "submission/inet"]`
     */
    takeOver?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * What becomes of a change while the machine cannot be reached: `fail`, or `pending` for a laptop that may sleep
     * (the change is made by a later run).
     *
     * @default OnUnreachable.Fail
     * @example `OnUnreachable.Pending`
     */
    onUnreachable?: pulumi.Input<OnUnreachable>;
    /**
     * What becomes of mail waiting in the queue when this resource is removed: `stop` and say so, `flush` it first,
     * `hold` it (postsuper(1)), or `release` it to the machine's former configuration, which may send it in clear.
     *
     * @default OnDelete.Stop
     * @example `OnDelete.Hold`
     */
    onDelete?: pulumi.Input<OnDelete>;
    /**
     * Install the distribution's postfix package if the machine has none, by apt-get, dnf, yum, zypper, apk or pacman,
     * whichever it has. Postfix is not started before it is configured. It is done once for each `connection.hostKey`;
     * removing this resource leaves the package there. Errors: no `connection.hostKey`, `onUnreachable: "pending"`, a
     * system with none of these, on Debian another mail system that would have to go.
     *
     * @default false
     * @example `true`
     */
    installPackage?: boolean;
    /**
     * Commands of your own around the changes. They need `connection.hostKey`, and do not go with
     * `onUnreachable: "pending"`.
     *
     * @default none
     * @example `{ after: "systemctl restart fail2ban" }`
     */
    hooks?: HookArgs;
}
