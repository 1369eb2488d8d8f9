/** What benchmarks of a whole sidecar have in common: the sidecar, and the service behind it. */
@NullMarked
package io.handfast.benchmarks.sidecar;

import org.jspecify.annotations.NullMarked;
