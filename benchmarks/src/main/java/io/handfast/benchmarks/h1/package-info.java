/**
 * What a request of HTTP/1.1 costs a sidecar: {@link io.handfast.benchmarks.h1.H1RequestBenchmark},
 * its client and its service, which allocate nothing, and {@link
 * io.handfast.benchmarks.h1.LoopCpu}, which asks what the event loop has taken.
 */
@NullMarked
package io.handfast.benchmarks.h1;

import org.jspecify.annotations.NullMarked;
