/**
 * What a listener does before its bytes are anybody's: listener filters ({@link
 * io.handfast.proxy.config.listener.ListenerInspection}), and the choice of a filter chain by what
 * they found out ({@link io.handfast.proxy.config.listener.FilterChainMatch}, compiled to a {@link
 * io.handfast.proxy.config.listener.FilterChainIndex}).
 */
@NullMarked
package io.handfast.proxy.config.listener;

import org.jspecify.annotations.NullMarked;
