/**
 * Listening sockets: {@link io.handfast.proxy.listener.ListenerManager} binds what the snapshot
 * says, hands each accepted connection to the HTTP codec on its own event loop, and drains.
 */
@NullMarked
package io.handfast.proxy.listener;

import org.jspecify.annotations.NullMarked;
