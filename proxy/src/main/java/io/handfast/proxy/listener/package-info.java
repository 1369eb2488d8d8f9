/**
 * Listening sockets: {@link io.handfast.proxy.listener.ListenerManager} binds what the snapshot
 * says, and follows it when it changes. Each accepted connection is handed to the filters of its
 * chain, on its own event loop.
 */
@NullMarked
package io.handfast.proxy.listener;

import org.jspecify.annotations.NullMarked;
