@NullMarked
package io.handfast.proxy.cluster.connect;

import org.jspecify.annotations.NullMarked;
