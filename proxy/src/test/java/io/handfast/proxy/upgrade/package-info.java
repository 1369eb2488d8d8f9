/** Connections that leave HTTP by {@code Upgrade}, on real sockets: WebSocket and any other. */
@NullMarked
package io.handfast.proxy.upgrade;

import org.jspecify.annotations.NullMarked;
