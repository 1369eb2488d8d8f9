/**
 * The control service between sidecars, over gRPC: {@link io.handfast.tx.grpc.ControlServer} takes
 * what others say to this sidecar's {@link io.handfast.tx.port.ControlHandler}, {@link
 * io.handfast.tx.grpc.GrpcPeers} says what it has to say to theirs. A shell: it moves items and
 * decides nothing.
 */
@NullMarked
package io.handfast.tx.grpc;

import org.jspecify.annotations.NullMarked;
