/**
 * TLS of listeners and clusters as it was configured: where certificates come from and what a peer
 * must prove. Immutable records; nothing here has read a file. What is made of them is in {@code
 * io.handfast.proxy.tls}.
 */
@NullMarked
package io.handfast.proxy.config.tls;

import org.jspecify.annotations.NullMarked;
