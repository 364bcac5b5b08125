import { tableTypes } from "../../../postfix/tables";
import type { HostFacts } from "../facts";
import type { HostInputs } from "../inputs";
import { askedThings } from "../plan-named";

/** Stands in the block for what only the machine can tell; no path on a machine looks like it. */
const unseenConfig = "/CONFIGURATION-OF-AN-UNSEEN-HOST";
export const unseenGeneration = "GENERATION";

/** The folder of keys and tables as the rendered lines have it: the script puts the real one in its place. */
export const placeholderOf = (owner: string): string => `${unseenConfig}/pulumi/${owner}/${unseenGeneration}`;
export const mayBePlaceholder = (text: string): boolean => text.includes(unseenConfig);

/** What counts on every Postfix without a line in main.cf, of the names that decide who may relay (postconf(5)). */
const defaults: Record<string, string> = {
    smtpd_client_restrictions: "",
    smtpd_helo_restrictions: "",
    smtpd_sender_restrictions: "",
    smtpd_relay_restrictions: "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination",
    smtpd_recipient_restrictions: "",
    smtpd_data_restrictions: "",
    smtpd_end_of_data_restrictions: "",
    relay_domains: "",
    mydestination: "$myhostname, localhost.$mydomain, localhost",
    virtual_alias_domains: "$virtual_alias_maps",
    virtual_mailbox_domains: "$virtual_mailbox_maps",
    mynetworks: "127.0.0.0/8",
    smtpd_authorized_xclient_hosts: "",
    smtpd_restriction_classes: "",
    inet_interfaces: "all",
    smtpd_tls_CAfile: "",
    smtpd_tls_CApath: "",
    tls_append_default_CA: "no",
};

const masterCf = "smtp inet n - y - - smtpd\n";

/**
 * A machine that nobody has looked at: it has nothing of its own, and all that is asked for. What the planner refuses
 * there it refuses on every machine of this version; what depends on the machine is looked at by the script.
 */
export function unseenHost(version: string, inputs: HostInputs): HostFacts {
    const { files } = askedThings(inputs);
    const kinds = (path: string) =>
        path === inputs.main.smtp_tls_CApath ? ["folder"] : ["file", "CERTIFICATE", "PRIVATE KEY"];
    return {
        version,
        configDirectory: unseenConfig,
        mainCf: "",
        masterCf,
        hostname: "",
        fqdn: "",
        mapTypes: [...tableTypes, ...otherTypes],
        unknownNames: [],
        parameters: [],
        defaults,
        named: {
            files: Object.fromEntries(files.map((path) => [path, kinds(path)])),
            badTables: {},
            missingDaemons: {},
        },
        running: false,
        ipv6: true,
        foreignSendmail: "",
        masterPid: "",
        queueLength: 0,
        listeners: [],
        pins: {},
        generationFiles: [],
        places: [],
        altered: [],
        network: { there: [], flushes: [], hooks: [] },
        lyingFiles: { certificates: {}, keyBlocks: {} },
        laptops: { grants: [], proofs: [] },
        interrupted: false,
    };
}

const otherTypes = ["dbm", "sdbm", "ldap", "memcache", "mongodb", "mysql", "nis", "pgsql", "sqlite"];
