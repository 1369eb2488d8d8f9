/**
 * What {@code benchmarks/run} puts before and behind a proxy where nothing better is installed: a
 * load generator and an upstream. Blocking sockets and a thread each, so that what is measured
 * shares no code with what measures.
 */
@NullMarked
package io.handfast.benchmarks.load;

import org.jspecify.annotations.NullMarked;
