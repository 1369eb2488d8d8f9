/** What a request of gRPC costs a whole sidecar. */
@NullMarked
package io.handfast.benchmarks.h2;

import org.jspecify.annotations.NullMarked;
