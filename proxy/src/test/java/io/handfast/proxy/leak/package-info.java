/** Fails the build when a test leaves a reference-counted object unreleased. */
@NullMarked
package io.handfast.proxy.leak;

import org.jspecify.annotations.NullMarked;
