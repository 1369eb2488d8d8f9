/**
 * Frames of HTTP/2 (RFC 9113 section 4): read into callbacks and written as bytes. Pure but for
 * buffers; knows no connection and no stream.
 */
@NullMarked
package io.handfast.proxy.http.h2.frame;

import org.jspecify.annotations.NullMarked;
