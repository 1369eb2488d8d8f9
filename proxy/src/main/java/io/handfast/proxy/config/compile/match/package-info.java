/** Envoy's matchers of text. */
@NullMarked
package io.handfast.proxy.config.compile.match;

import org.jspecify.annotations.NullMarked;
