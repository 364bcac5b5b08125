import type * as pulumi from "@pulumi/pulumi";

/** A private key with its certificate, as PEM. */
export interface KeyAndCertificateArgs {
    /**
     * The private key, not encrypted: `-----BEGIN PRIVATE KEY-----`, or that of an older format. A secret, marked as
     * such in any case; in a stack's config it must stand encrypted.
     *
     * @example `fs.readFileSync("mailhub.key", "utf8")`
     */
    privateKey: pulumi.Input<string>;
    /**
     * The certificate that was made with this key, followed by what vouches for it, if anything does.
     *
     * @example `fs.readFileSync("mailhub.pem", "utf8")`
     */
    certificate: pulumi.Input<string>;
}

/** Where a machine's certificate comes from. Without any of these it is made here and vouched for by itself. */
export interface CertificateArgs {
    /**
     * Your own keys with their certificates, one for each type of key: they become the machine's chain file
     * (postconf(5), smtpd_tls_chain_files, smtp_tls_chain_files), and their pins are computed. A certificate renewed
     * for its key touches no peer. On a hub, another key is refused unless `nextPins` announced it a run before.
     *
     * Errors: a key that is not the certificate's, two keys of one type, PEM that Postfix would not read.
     *
     * @default a key of its own with a self-signed certificate
     * @example `[{ privateKey: config.requireSecret("key"), certificate: fs.readFileSync("mailhub.pem", "utf8") }]`
     */
    certificates?: pulumi.Input<pulumi.Input<KeyAndCertificateArgs>[]>;
    /**
     * A CA of your own, which signs the machine's certificate instead of the machine's own key; the chain file
     * (postconf(5), smtpd_tls_chain_files, smtp_tls_chain_files) holds the CA's certificate behind it. Pins are of the
     * machine's key all the same. Its key stays in the state, as a secret, and is put on no machine.
     *
     * Errors: a certificate that is no CA's, a key that is not its own; together with other certificates.
     *
     * @default none
     * @example `{ privateKey: ca.privateKeyPem, certificate: caCertificate.certPem }`
     */
    signedBy?: pulumi.Input<KeyAndCertificateArgs>;
}

/** A key with its certificate in files that lie on the hub already. */
export interface CertificateFilesArgs {
    /**
     * Path of the private key on the hub. It never leaves it.
     *
     * @example `"/etc/letsencrypt/live/mailhub.example.com/privkey.pem"`
     */
    keyFile: string;
    /**
     * Path of the certificate on the hub, with its chain; the same as `keyFile` where one file holds both.
     *
     * @example `"/etc/letsencrypt/live/mailhub.example.com/fullchain.pem"`
     */
    certificateFile: string;
    /**
     * The pin that the key must have. Without it the pin is what the provider reads from the certificate on the hub.
     *
     * @default the pin of the key that the hub has
     * @example `"5A:3C:..."`
     */
    pin?: string;
}

/** What a hub's certificates have beside a laptop's. */
export interface HubCertificateArgs extends CertificateArgs {
    /**
     * Files that lie on the hub and are renewed there, by certbot for example, one pair for each type of key. Postfix
     * reads them where they are (postconf(5), smtpd_tls_chain_files) and picks a renewed one up by itself. Laptops pin
     * the key that the hub really has; let it stay at each renewal (`certbot --reuse-key`): with another key the
     * laptops' mail waits until `pulumi refresh` and `pulumi up` have given them its pin.
     *
     * Errors: a path that is not absolute, a file that is not there or holds something else, another key than `pin`
     * says, a first run with a key that no laptop pins yet.
     *
     * @default none
     * @example `[{ keyFile: "/etc/letsencrypt/live/mail/privkey.pem", certificateFile: "/etc/letsencrypt/live/mail/fullchain.pem" }]`
     */
    certificateFiles?: CertificateFilesArgs[];
    /**
     * Pins of keys of your own whose turn comes later: laptops pin them from their next run on. A key that was not
     * announced is refused, since it would lock out every laptop. The next key that is made here needs no mention.
     *
     * Errors: what is no pin.
     *
     * @default none
     * @example `["5A:3C:..."]`
     */
    nextPins?: pulumi.Input<pulumi.Input<string>[]>;
    /**
     * Certificate of the CA that signs the laptops' certificates, as PEM: the hub's log says `Trusted` for them, and
     * a mail's Received header `verified OK` behind the laptop's name (postconf(5), smtpd_tls_CAfile). Who may relay
     * is a matter of pins alone, with it or without.
     *
     * Errors: what is no certificate in PEM.
     *
     * @default none
     * @example `caCertificate.certPem`
     */
    clientAuthority?: pulumi.Input<string>;
}
