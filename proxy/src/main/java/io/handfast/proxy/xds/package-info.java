/**
 * The sidecar on control planes: {@link io.handfast.proxy.xds.ControlPlane} puts sources, the tree
 * of resources and the store together, as the bootstrap says.
 */
@NullMarked
package io.handfast.proxy.xds;

import org.jspecify.annotations.NullMarked;
