/** Matchers of text, as routes and certificates' names use them. */
@NullMarked
package io.handfast.proxy.config.match;

import org.jspecify.annotations.NullMarked;
