/**
 * {@code tcp_proxy}: bytes of a downstream connection to an endpoint of a cluster and back. {@link
 * io.handfast.proxy.tcp.TcpProxyFactory} makes a {@code TcpSession} of each connection, which has a
 * {@code TcpEnd} on either side.
 */
@NullMarked
package io.handfast.proxy.tcp;

import org.jspecify.annotations.NullMarked;
