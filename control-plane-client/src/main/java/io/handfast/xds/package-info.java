/**
 * The xDS client: everything between a source of configuration and the proxy that runs it.
 *
 * <p>A bootstrap file ({@link io.handfast.xds.bootstrap}) and a control plane ({@link
 * io.handfast.xds.stream}, which speaks as {@link io.handfast.xds.protocol} says) hand over the
 * same resources ({@link io.handfast.xds.resource}), and both go in at the same door ({@link
 * io.handfast.xds.store}); what a control plane sends becomes a whole in {@link
 * io.handfast.xds.tree} first. Nothing here knows a socket of the data path; what a resource
 * becomes is the business of the caller's {@link io.handfast.xds.store.SnapshotCompiler}.
 */
@NullMarked
package io.handfast.xds;

import org.jspecify.annotations.NullMarked;
