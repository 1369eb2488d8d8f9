/**
 * {@code handfast init}: the kernel's rules by which connections of a pod go through its sidecar. A
 * {@link io.handfast.proxy.redirect.RedirectPlan} says what is wanted, {@link
 * io.handfast.proxy.redirect.Redirection} puts it into the kernel by {@code nft} or {@code
 * iptables-restore}.
 */
@NullMarked
package io.handfast.proxy.redirect;

import org.jspecify.annotations.NullMarked;
