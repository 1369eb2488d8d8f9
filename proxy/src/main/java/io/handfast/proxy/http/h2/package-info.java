/**
 * The HTTP/2 codec (RFC 9113), both ends: frames ({@code .frame}) and HPACK ({@code .hpack}) of our
 * own.
 *
 * <p>{@link io.handfast.proxy.http.h2.H2ServerConnection} and {@link
 * io.handfast.proxy.http.h2.H2ClientConnection} are the Netty handlers. Both are an {@code
 * H2Connection}: bytes go through a {@code FrameReader} to its callbacks, each stream is an object
 * in one map, not a channel. What a stream sends waits in its own queue until window and socket
 * have room for it; what it receives is told to the stream's owner at once, or waits unseen while
 * the owner reads nothing. Window is given back for what the owner has taken, and only then, so
 * that the two sides of the proxy are coupled.
 *
 * <p>ALPN stands in front of the handlers where there is TLS.
 */
@NullMarked
package io.handfast.proxy.http.h2;

import org.jspecify.annotations.NullMarked;
