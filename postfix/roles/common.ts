/** What hub and laptops have in common. */

/** Name of the owner's own key and certificate in `chains`; `@{identity}` is its path on the host. */
export const identityChain = "identity";

/** The loopback networks: all that a laptop's own Postfix accepts mail from. */
export const loopbackNetworks = "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128";
