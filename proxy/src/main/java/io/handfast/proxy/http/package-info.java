/**
 * HTTP without a wire format: heads, headers, bodies, streams and the filter API.
 *
 * <p>A codec ({@code http.h1}, later {@code http.h2}) turns a downstream connection into {@link
 * io.handfast.proxy.http.HttpStream.Server}s. For each, {@code http.manager} matches a route once
 * and runs the {@link io.handfast.proxy.http.HttpFilter}s: the request passes them in order, the
 * last one (the router) sends it on an upstream {@link io.handfast.proxy.http.HttpStream.Client},
 * and the response comes back through the same filters in reverse order. HTTP/1.1 and HTTP/2 meet
 * only at {@link io.handfast.proxy.http.HttpStream}. No type of a codec library appears here.
 */
@NullMarked
package io.handfast.proxy.http;

import org.jspecify.annotations.NullMarked;
