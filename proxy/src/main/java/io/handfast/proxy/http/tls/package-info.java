/** Facts about the TLS of a connection and about who is at its other end, for whoever asks. */
@NullMarked
package io.handfast.proxy.http.tls;

import org.jspecify.annotations.NullMarked;
