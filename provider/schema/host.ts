import { columnNames } from "../../postfix/master-cf";
import { Role } from "../../postfix/settings";
import { OnDelete, OnUnreachable } from "../../postfix/words";

type Property = { description: string } & Record<string, unknown>;

const string = { type: "string" };
const stringMap = { type: "object", additionalProperties: string };
const stringList = { type: "array", items: string };
const ref = (name: string) => ({ $ref: `#/types/postfix:index:${name}` });
const secret = { ...string, secret: true };

function object(description: string, properties: Record<string, Property>, required: string[]) {
    return { type: "object", description, properties, required };
}

function words(description: string, values: Record<string, string>) {
    return {
        type: "string",
        description,
        enum: Object.entries(values).map(([name, value]) => ({ name, value })),
    };
}

const sshFields: Record<string, Property> = {
    host: { ...string, description: "Name or address of the machine." },
    port: { type: "integer", default: 22, description: "Port of its SSH server." },
    user: { ...string, default: "root", description: "Whom to log in as." },
    password: { ...secret, description: "Password of the user." },
    privateKey: {
        ...secret,
        description: "Private key as PEM or in OpenSSH's format. Goes before the password.",
    },
    privateKeyPassword: { ...secret, description: "What an encrypted private key is encrypted with." },
    agentSocketPath: { ...string, description: "Socket of an SSH agent; SSH_AUTH_SOCK if absent." },
    dialErrorLimit: {
        type: "integer",
        default: -1,
        description: "Failed attempts to connect that are put up with; -1: as many as fit into the deadline.",
    },
    perDialTimeout: { type: "integer", default: 15, description: "Seconds for one attempt; 0: no limit." },
    hostKey: {
        ...string,
        description: "Public key of the machine, as in a known_hosts line without the name.",
    },
};

export const hostTypes = {
    "postfix:index:Connection": object(
        "How to reach a machine: the fields of the command package's remote.Connection.",
        { ...sshFields, proxy: { ...ref("ProxyConnection"), description: "Jump host on the way." } },
        ["host"],
    ),
    "postfix:index:ProxyConnection": object("How to reach a jump host.", sshFields, ["host"]),
    "postfix:index:HostService": object(
        "One line of master.cf.",
        {
            command: { ...string, description: 'The daemon, with arguments if any, e.g. "smtpd".' },
            options: { ...stringMap, description: "Parameters of this service: what `-o name=value` sets." },
            yields: {
                type: "boolean",
                description: "Left out where the machine's admin has a line of their own for the service.",
            },
            ...Object.fromEntries(
                columnNames.map((name) => [name, { ...string, description: `Column ${name} of master.cf.` }]),
            ),
        },
        ["command", "options"],
    ),
    "postfix:index:HostTable": object(
        "A lookup table: entries, or the text of one whose order counts.",
        {
            type: { ...string, description: 'Type of the table. Default: "texthash".' },
            entries: { ...stringMap, description: "Key to value." },
            text: { ...string, description: "Lines as they are, for regexp, pcre and cidr." },
        },
        [],
    ),
    "postfix:index:HostChain": object(
        "One key with its certificate.",
        {
            privateKey: { ...secret, description: "Private key as PEM." },
            certificate: {
                ...string,
                description: "Certificate as PEM, followed by its chain if it has one.",
            },
        },
        ["privateKey", "certificate"],
    ),
    "postfix:index:CertificateFiles": object(
        "A key with its certificate in files that lie on the machine already.",
        {
            keyFile: { ...string, description: "Path of the private key there; it is never read from afar." },
            certificateFile: { ...string, description: "Path of the certificate there, with its chain." },
            pin: { ...string, description: "Fingerprint that the public key must have; absent: any." },
        },
        ["keyFile", "certificateFile"],
    ),
    "postfix:index:HostServes": object(
        "What a hub must show.",
        {
            port: { type: "integer", description: "Port of the laptops' service." },
            implicitTlsPort: {
                type: "integer",
                description: "Port of the same service with TLS from the first byte.",
            },
            pins: {
                ...stringList,
                description:
                    "Fingerprints of public keys, one of which it serves; absent: those of certificateFiles.",
            },
        },
        ["port"],
    ),
    "postfix:index:HostReaches": object(
        "What a laptop must meet.",
        {
            host: { ...string, description: "Name of the hub." },
            port: { type: "integer", description: "Port of the laptops' service there." },
            implicitTls: {
                type: "boolean",
                default: false,
                description: "It speaks TLS from the first byte there.",
            },
            pins: { ...stringList, description: "Fingerprints of public keys, one of which it meets." },
        },
        ["host", "port", "pins"],
    ),
    "postfix:index:HostProof": object(
        "What is looked at once the change is made.",
        {
            serves: { ...ref("HostServes"), description: "For a hub." },
            reaches: { ...ref("HostReaches"), description: "For a laptop." },
            alsoReaches: {
                type: "array",
                items: ref("HostReaches"),
                description: "For a laptop: its further hubs.",
            },
        },
        [],
    ),
    "postfix:index:Role": words("What the machine is to us.", Role),
    "postfix:index:OnUnreachable": words(
        "What becomes of a change to a machine out of reach.",
        OnUnreachable,
    ),
    "postfix:index:OnDelete": words("What becomes of waiting mail when the fragment is taken out.", OnDelete),
};

const inputs: Record<string, Property> = {
    owner: {
        ...string,
        description: "Label of the fragment in the machine's files: lower-case letters, digits and hyphens.",
    },
    role: { ...ref("Role"), description: "What the machine is: decides which exits are closed." },
    connection: {
        ...ref("Connection"),
        description: "How to reach the machine. A change never replaces; changed credentials apply nothing.",
    },
    sudo: {
        type: "boolean",
        default: false,
        description: "Work through `sudo -n`, as a user who is not root.",
    },
    knownHosts: { ...string, description: "Path of a known_hosts file on the machine that runs Pulumi." },
    insecureIgnoreHostKey: {
        type: "boolean",
        default: false,
        description: "Accept any host key. Whoever answers then gets the private keys.",
    },
    onUnreachable: { ...ref("OnUnreachable"), description: 'Default: "fail".' },
    takeOver: {
        ...stringList,
        description:
            'Which of the admin\'s own lines may yield: parameters, services ("submission/inet"), or "*"; also an owner.',
    },
    onDelete: { ...ref("OnDelete"), description: 'Default: "stop".' },
    installPackage: {
        type: "boolean",
        default: false,
        description: "Something before this resource installs Postfix: a preview may not find it yet.",
    },
    allowUnknown: {
        type: "boolean",
        default: false,
        description: "Write names that the machine's Postfix does not know.",
    },
    exclusive: {
        type: "boolean",
        default: false,
        description: "main.cf has no other lines than these and the installation's.",
    },
    keyGeneration: { type: "integer", description: "Number of the hub's key; goes up by one at a time." },
    networkHooks: {
        ...stringMap,
        description:
            'What the network\'s own tools do when it is back, by their names, e.g. { NetworkManager: "flush" }.',
    },
    announces: {
        ...stringList,
        description: "Fingerprints of the hub's keys to come, known to laptops beside the one in use.",
    },
    leaveBehind: {
        ...stringList,
        description: "Names of laptops that a change of the hub's key may cut off until their next run.",
    },
    main: {
        ...stringMap,
        description: "Parameters of main.cf. `@{name}` stands for the file of a chain, authority or table.",
    },
    lists: {
        ...stringMap,
        description: "This owner's part of parameters that several owners fill together.",
    },
    services: {
        type: "object",
        additionalProperties: ref("HostService"),
        description: 'Services of master.cf by name and type, e.g. "587/inet".',
    },
    closed: {
        ...stringList,
        description: 'Inet services of others that must not be there, e.g. "25/inet".',
    },
    chains: {
        type: "object",
        additionalProperties: { type: "array", items: ref("HostChain") },
        description: "Files with keys and certificates, by name.",
    },
    certificateFiles: {
        type: "array",
        items: ref("CertificateFiles"),
        description: "Keys and certificates that lie on the machine already and are renewed there.",
    },
    authorities: {
        ...stringMap,
        description: "Files of CA certificates by name, as PEM; `@{name}` is the path.",
    },
    tables: {
        type: "object",
        additionalProperties: ref("HostTable"),
        description: "Lookup tables by name.",
    },
    proof: { ...ref("HostProof"), description: "What must be seen before the change counts as done." },
};

const requiredInputs = ["owner", "role", "connection", "main"];

const outputs: Record<string, Property> = {
    ...inputs,
    postfixVersion: { ...string, description: "Version of Postfix on the machine." },
    provenBy: {
        ...string,
        description: 'Who has seen the pinned key: "postfix", "ssh", "none" (nothing to see) or "unproven".',
    },
    unmanaged: {
        ...stringList,
        description: 'What others have set in main.cf, as "name = value".',
    },
    servedPins: {
        ...stringList,
        description: "Fingerprints of the public keys in certificateFiles, as they lie on the machine.",
    },
    spoiled: {
        ...stringList,
        description:
            "What a refresh found that is not as it was left, though every setting counts: folders and the like.",
    },
    pending: { type: "boolean", description: "Whether a change waits for the machine to be reached." },
    provenPins: {
        ...stringList,
        description:
            'A laptop: fingerprints of its hubs\' keys that it had when it was last proven; "any" where it looks at none.',
    },
    provenServes: {
        ...stringList,
        description: "A hub: fingerprints of the keys that it was last proven to show.",
    },
    generation: { ...string, description: "Folder of the keys and tables in use." },
    schema: { type: "integer", description: "Form of this state." },
};

export const hostResource = {
    description: "What one owner wants of one machine's Postfix: applied whole, or not at all.",
    inputProperties: inputs,
    requiredInputs,
    properties: outputs,
    required: requiredInputs,
};
