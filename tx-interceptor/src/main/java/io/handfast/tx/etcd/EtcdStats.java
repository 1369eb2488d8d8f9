package io.handfast.tx.etcd;

/**
 * Counters of the store, since it was opened. Immutable.
 *
 * @param writes conditional writes that were answered
 * @param batches round trips that carried them
 * @param batchNanos time that these took, added up
 * @param failures round trips that failed or were not answered in time
 * @param lost writes whose conditions did not hold
 * @param claims records taken over from lost sidecars
 * @param incarnationsLost how often this sidecar's own lease was lost
 * @param looksFailed how often what lost sidecars left could not be read
 * @param queued writes that wait for a round trip
 */
public record EtcdStats(
    long writes,
    long batches,
    long batchNanos,
    long failures,
    long lost,
    long claims,
    long incarnationsLost,
    long looksFailed,
    long queued) {}
