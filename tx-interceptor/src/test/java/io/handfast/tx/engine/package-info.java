/** Engines of several sidecars in one JVM, on virtual time. */
@NullMarked
package io.handfast.tx.engine;

import org.jspecify.annotations.NullMarked;
