/**
 * The HTTP/1.1 codec: strict by construction. Nothing that RFC 9112 leaves to a recipient's
 * leniency is accepted: bare LF, folded lines, space before a colon, two framings, several lengths.
 *
 * <p>{@link io.handfast.proxy.http.h1.H1ServerConnection} and {@link
 * io.handfast.proxy.http.h1.H1ClientConnection} are the Netty handlers; both own a {@link
 * io.handfast.proxy.http.h1.MessageDecoder} and translate to {@link
 * io.handfast.proxy.http.HttpStream}. Reading is driven by hand ({@code autoRead} off), so that
 * nothing is read that nobody has room for.
 */
@NullMarked
package io.handfast.proxy.http.h1;

import org.jspecify.annotations.NullMarked;
