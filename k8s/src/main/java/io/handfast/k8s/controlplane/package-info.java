/**
 * A control plane for those without a cluster: serves the resources of a {@link
 * io.handfast.k8s.controlplane.source.ResourceSource} by xDS.
 *
 * <pre>
 * ResourceSource (files ─► Library: last good ─► ResourceValidator: a sidecar's verdict)
 *    ─► Findings ─► ControlPlane ─► DiscoveryServices ─► DiscoveryCall ─► DiscoveryStream ─► client
 * </pre>
 *
 * <p>Streams and the snapshot that they are on live on one thread ({@code handfast-control-plane});
 * files are read and checked on that of their source.
 */
@NullMarked
package io.handfast.k8s.controlplane;

import org.jspecify.annotations.NullMarked;
