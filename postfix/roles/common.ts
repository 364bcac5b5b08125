/** What hub and laptops have in common: the floor below which no connection of ours goes. */

/** TLS 1.2 at least; 1.3 stays on (an exclusion list or a floor never switches the top off). */
export const protocolFloor = ">=TLSv1.2";

/** Name of the owner's own key and certificate in `chains`; `@{identity}` is its path on the host. */
export const identityChain = "identity";

/** The loopback networks: all that a laptop's own Postfix accepts mail from. */
export const loopbackNetworks = "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128";
