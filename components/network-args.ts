/** What a laptop does about its network. */
export interface NetworkArgs {
    /**
     * Send what waits in the queue as soon as the network is back (postqueue(1), `-f`), and not when its next try is
     * due, which may be an hour away (postconf(5), maximal_backoff_time). It is done by a file of ours for each of
     * these that the laptop has: NetworkManager, networkd-dispatcher, ifupdown; none where Debian's own package does
     * the same. Errors: a file of somebody else under the name of ours.
     *
     * @default true
     * @example `false`
     */
    flushOnNetwork?: boolean;
}
