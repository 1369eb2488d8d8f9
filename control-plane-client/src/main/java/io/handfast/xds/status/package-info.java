/**
 * What is known of each resource that comes from a control plane: {@link
 * io.handfast.xds.status.StatusBook} writes down what streams tell, {@link
 * io.handfast.xds.status.ResourceStatus} is what it says.
 */
@NullMarked
package io.handfast.xds.status;

import org.jspecify.annotations.NullMarked;
