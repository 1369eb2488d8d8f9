/**
 * The server's side of xDS, delta and state of the world, without streams, clocks or threads:
 * {@link io.handfast.k8s.controlplane.protocol.DiscoveryStream} is told of requests and snapshots
 * and says what to send. Of each type a {@code Watch} knows what its client asked for and holds.
 */
@NullMarked
package io.handfast.k8s.controlplane.protocol;

import org.jspecify.annotations.NullMarked;
