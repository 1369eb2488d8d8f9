/** Listeners, seen by raw sockets. */
@NullMarked
package io.handfast.proxy.listener;

import org.jspecify.annotations.NullMarked;
