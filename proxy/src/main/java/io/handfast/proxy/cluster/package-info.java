/**
 * Clusters as they run: {@link io.handfast.proxy.cluster.ClusterManager} keeps one {@link
 * io.handfast.proxy.cluster.Cluster} for each configured one, with its endpoints as they are known
 * now, and gives every event loop pools of its own.
 */
@NullMarked
package io.handfast.proxy.cluster;

import org.jspecify.annotations.NullMarked;
