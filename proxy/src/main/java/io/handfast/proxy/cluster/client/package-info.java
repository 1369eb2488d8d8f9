/** Requests that the proxy makes by itself, over the same pools as those that it forwards. */
@NullMarked
package io.handfast.proxy.cluster.client;

import org.jspecify.annotations.NullMarked;
