/** Measurements with JMH, and beside other proxies. */
@NullMarked
package io.handfast.benchmarks;

import org.jspecify.annotations.NullMarked;
