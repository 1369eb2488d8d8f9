/**
 * Field sections in HPACK (RFC 7541), read into {@link
 * io.handfast.proxy.http.h2.hpack.FieldSection} and written from {@link
 * io.handfast.proxy.http.Headers}. Each end of a connection has its own decoder and encoder,
 * confined to its loop.
 */
@NullMarked
package io.handfast.proxy.http.h2.hpack;

import org.jspecify.annotations.NullMarked;
