/** Makes connections to endpoints: a socket with an HTTP codec on it. */
@NullMarked
package io.handfast.proxy.cluster.connect;

import org.jspecify.annotations.NullMarked;
