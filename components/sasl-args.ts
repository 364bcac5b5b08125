import type * as pulumi from "@pulumi/pulumi";
import type { SaslType } from "../postfix/words";

/** Who says whether a name and its password are right. */
export interface HubSaslArgs {
    /**
     * `dovecot`: the authentication socket of a Dovecot on the hub, recommended: its users, its logs, no library of
     * its own (SASL_README). `cyrus`: Cyrus SASL as the hub's Postfix has it built in. It becomes `smtpd_sasl_type`
     * (postconf(5)). Errors: a type that the hub's Postfix does not know; a socket that is not there.
     *
     * @example `SaslType.Dovecot`
     */
    type: SaslType;
    /**
     * `smtpd_sasl_path` (postconf(5)). Dovecot: the socket, below the queue directory or absolute, or
     * `inet:host:port`. Cyrus: the name of the admin's configuration file without its `.conf`.
     *
     * @default "private/auth" with Dovecot, "smtpd" with Cyrus
     * @example `"private/auth"`
     */
    path?: string;
    /**
     * With `cyrus`: passwords by name, for a database of our own (sasldb), made by `saslpasswd2` in a folder below
     * `<config_directory>/pulumi-sasl` that only root and Postfix's group can read. It changes with the same commit
     * as everything else. The library keeps passwords in it as they are. Set them as secrets. Errors: given with
     * `dovecot` or together with `path`; on port 25; a hub without `saslpasswd2` (Debian: sasl2-bin).
     *
     * @default none: the admin's own users
     * @example `{ alice: config.requireSecret("alicesPassword") }`
     */
    users?: { [name: string]: pulumi.Input<string> };
}

/** A name and a password for the hub. */
export interface LaptopSaslArgs {
    /**
     * The name. Errors: empty; a colon, a space or a line break in it.
     *
     * @example `"alice"`
     */
    username: pulumi.Input<string>;
    /**
     * The password: set it as a secret. Errors: empty; a line break, or a space at either end.
     *
     * @example `config.requireSecret("password")`
     */
    password: pulumi.Input<string>;
}

/** SASL on a hub. */
export interface HubLoginArgs {
    /**
     * Let laptops in by name and password too, beside their keys or instead of them: `smtpd_sasl_auth_enable`,
     * `permit_sasl_authenticated` in the relay restrictions of the laptops' service, `smtpd_tls_auth_only`
     * (postconf(5), SASL_README). Errors: see its fields.
     *
     * @default none: keys alone
     * @example `{ type: SaslType.Dovecot }`
     */
    sasl?: HubSaslArgs;
}

/** SASL on a laptop. */
export interface LaptopLoginArgs {
    /**
     * Log in at the hub by name and password, beside the laptop's key: `smtp_sasl_auth_enable` and a table in
     * `smtp_sasl_password_maps`, 0600 root (postconf(5), SASL_README). It goes to a hub that has shown who it is
     * (by a pinned key, or as `security` says) and to nobody else: `smtp_sasl_tls_verified_security_options` alone allows it. Errors: a laptop without the
     * library's PLAIN (Debian: libsasl2-modules).
     *
     * @default none
     * @example `{ username: "alice", password: config.requireSecret("alicesPassword") }`
     */
    sasl?: LaptopSaslArgs;
}
