/** Loaded at first use: a run with nothing to do must not pay for it. */
export function loadSsh2(): typeof import("ssh2") {
    return require("ssh2");
}
