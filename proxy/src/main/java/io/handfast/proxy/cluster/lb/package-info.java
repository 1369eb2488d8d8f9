/** Choosing one endpoint of a cluster. */
@NullMarked
package io.handfast.proxy.cluster.lb;

import org.jspecify.annotations.NullMarked;
