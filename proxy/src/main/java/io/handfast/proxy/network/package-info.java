/**
 * What runs on an accepted connection. A {@link io.handfast.proxy.network.NetworkFilterChain} is
 * made once of the configuration of a filter chain; each connection gets handlers of it, in order,
 * behind TLS:
 *
 * <pre>
 *   socket ─ TLS ─ NetworkFilterFactory … ─ TerminalFilterFactory
 *                  sees bytes both ways     HTTP codecs, tcp_proxy
 * </pre>
 *
 * <p>Bytes are bytes: the seam is Netty's pipeline, and a filter one of its handlers.
 */
@NullMarked
package io.handfast.proxy.network;

import org.jspecify.annotations.NullMarked;
