/**
 * The last filter of every chain: sends the request to the cluster that its route names, and brings
 * the response back. {@link io.handfast.proxy.filter.router.RouterFilter} decides, {@link
 * io.handfast.proxy.filter.router.UpstreamRequest} is one attempt.
 */
@NullMarked
package io.handfast.proxy.filter.router;

import org.jspecify.annotations.NullMarked;
