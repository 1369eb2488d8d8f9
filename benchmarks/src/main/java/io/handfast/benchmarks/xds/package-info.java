/**
 * The control plane of {@code benchmarks/run xds}: {@link
 * io.handfast.benchmarks.xds.ControlPlaneMain} serves a {@link io.handfast.benchmarks.xds.World} of
 * many clusters, changes it when it is told to, and sees by requests through the proxy when a
 * change serves. It shares no code with what it measures.
 */
@NullMarked
package io.handfast.benchmarks.xds;

import org.jspecify.annotations.NullMarked;
