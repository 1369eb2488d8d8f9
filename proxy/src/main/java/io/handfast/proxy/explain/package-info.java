/**
 * What would become of a request, and why: {@link io.handfast.proxy.explain.Explainer} walks a
 * snapshot by the data path's own matchers, {@link io.handfast.proxy.explain.DumpedConfig} makes
 * one of what a running sidecar shows.
 */
@NullMarked
package io.handfast.proxy.explain;

import org.jspecify.annotations.NullMarked;
