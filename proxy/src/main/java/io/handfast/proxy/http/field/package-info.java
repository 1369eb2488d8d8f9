/** Rules for header fields and trailers that every version of HTTP shares (RFC 9110). Pure. */
@NullMarked
package io.handfast.proxy.http.field;

import org.jspecify.annotations.NullMarked;
