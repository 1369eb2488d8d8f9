/**
 * Protects the process from what it cannot take: {@link io.handfast.proxy.overload.OverloadManager}
 * looks at {@link io.handfast.proxy.overload.ResourceMonitor}s, and what it has found stands in
 * {@link io.handfast.proxy.overload.OverloadState}, which connections and streams ask. {@link
 * io.handfast.proxy.overload.HeapShrinker} has garbage collected in time.
 */
@NullMarked
package io.handfast.proxy.overload;

import org.jspecify.annotations.NullMarked;
