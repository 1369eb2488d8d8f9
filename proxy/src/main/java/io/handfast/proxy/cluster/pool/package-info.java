/**
 * Connections to endpoints, pooled per event loop: {@link io.handfast.proxy.cluster.pool.LoopPools}
 * → {@link io.handfast.proxy.cluster.pool.HostPool} → {@link
 * io.handfast.proxy.http.ClientConnection}. The codec behind a connection is made by a {@link
 * io.handfast.proxy.cluster.pool.ClientConnector}.
 */
@NullMarked
package io.handfast.proxy.cluster.pool;

import org.jspecify.annotations.NullMarked;
