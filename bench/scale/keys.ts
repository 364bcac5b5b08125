import { utils } from "ssh2";

/** An Ed25519 key pair in OpenSSH's form. Of a thousand that ssh2 1.17 makes it cannot read one itself. */
export function newKey(): { private: string; public: string } {
    for (;;) {
        const pair = utils.generateKeyPairSync("ed25519");
        if (!(utils.parseKey(pair.private) instanceof Error)) return pair;
    }
}
