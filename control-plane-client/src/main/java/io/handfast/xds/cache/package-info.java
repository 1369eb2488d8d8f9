/**
 * The last good configuration on disk: {@link io.handfast.xds.cache.ConfigCache} keeps what control
 * planes sent, so that a restart comes up on it while none of them answers.
 */
@NullMarked
package io.handfast.xds.cache;

import org.jspecify.annotations.NullMarked;
