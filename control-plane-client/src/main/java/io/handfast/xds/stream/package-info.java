/**
 * The wire of xDS: channels, calls, timers and reconnecting around the machines of {@link
 * io.handfast.xds.protocol}.
 *
 * <p>{@link io.handfast.xds.stream.XdsClient} holds the servers of one config source, the primary
 * and its fallbacks; each is a {@code ServerStream} over a {@link io.handfast.xds.stream.Wire}.
 * What comes goes to a {@link io.handfast.xds.stream.ResourceHandler}, and the next response is
 * read when that has answered.
 */
@NullMarked
package io.handfast.xds.stream;

import org.jspecify.annotations.NullMarked;
