@NullMarked
package io.handfast.proxy.cluster.pool;

import org.jspecify.annotations.NullMarked;
