/** Envoy's TLS contexts, as transport sockets and the control service have them. */
@NullMarked
package io.handfast.proxy.config.compile.tls;

import org.jspecify.annotations.NullMarked;
