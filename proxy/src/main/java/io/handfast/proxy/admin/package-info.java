/**
 * The administration server: Envoy's paths and formats, and {@code /transactions}.
 *
 * <p>{@link io.handfast.proxy.admin.AdminServer} speaks HTTP/1.1 on a loop of its own, so that it
 * answers while traffic keeps the others busy, and hands HTTP/2 to gRPC; {@link
 * io.handfast.proxy.admin.AdminEndpoint}s answer. It has no authentication: it belongs on loopback.
 * Reads are GET, what changes anything is POST and refused when a browser sends it on behalf of
 * another site.
 *
 * <p>What it shows is handed in as Envoy's own messages ({@code envoy.admin.v3}) by {@link
 * io.handfast.proxy.admin.AdminSources}; it knows nothing of listeners or clusters itself.
 */
@NullMarked
package io.handfast.proxy.admin;

import org.jspecify.annotations.NullMarked;
