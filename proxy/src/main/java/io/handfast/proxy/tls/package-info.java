/**
 * TLS as it runs: {@link io.handfast.proxy.tls.TlsContexts} reads certificates and keys on a thread
 * of its own and watches their files, a {@link io.handfast.proxy.tls.TlsContext} gives each
 * connection the newest of them, {@link io.handfast.proxy.tls.Handshake} tells what came of it.
 *
 * <p>BoringSSL does the work (netty-tcnative), or the JDK where it cannot be loaded. Event loops
 * shake hands and verify peers, which is arithmetic; they never read a file or parse a key.
 */
@NullMarked
package io.handfast.proxy.tls;

import org.jspecify.annotations.NullMarked;
