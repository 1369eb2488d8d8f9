/**
 * Choosing one endpoint of a cluster: {@link io.handfast.proxy.cluster.lb.PriorityBalancer} draws a
 * priority as {@link io.handfast.proxy.cluster.lb.PrioritySpread} says, and a {@link
 * io.handfast.proxy.cluster.lb.HostPicker} chooses in it: {@link
 * io.handfast.proxy.cluster.lb.WeightedLocalities} where localities are weighed.
 */
@NullMarked
package io.handfast.proxy.cluster.lb;

import org.jspecify.annotations.NullMarked;
