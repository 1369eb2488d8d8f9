/** Tests of choosing endpoints. */
@NullMarked
package io.handfast.proxy.cluster.lb;

import org.jspecify.annotations.NullMarked;
