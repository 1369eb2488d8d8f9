/**
 * The process: wiring, life cycle, drain. {@link io.handfast.proxy.server.Sidecar} is the
 * composition root, to be read from top to bottom; {@link io.handfast.proxy.server.ProxyProcess}
 * runs one until a signal ends it.
 *
 * <p>Start: configuration read and checked → administration server (says {@code INITIALIZING}) →
 * offered to the store, clusters warm, snapshot published → transaction store read, control service
 * → listeners → {@code LIVE}. Stop: {@link io.handfast.proxy.server.Drain}, then everything in the
 * opposite order.
 *
 * <p>Clock and randomness of the system enter here ({@link
 * io.handfast.proxy.server.Ambient#system}) and nowhere else.
 */
@NullMarked
package io.handfast.proxy.server;

import org.jspecify.annotations.NullMarked;
