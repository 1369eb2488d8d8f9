/**
 * Access logs: Envoy's format strings, compiled at configuration, and one thread that writes.
 *
 * <p>A stream ends on its event loop, where {@link io.handfast.proxy.accesslog.LogFormat} renders
 * its record (the headers are gone soon after) and {@link
 * io.handfast.proxy.accesslog.AccessLogWriter} takes the text into a bounded queue; the writer's
 * thread encodes and writes it. A full queue drops records and counts them: a slow disk never slows
 * a request.
 */
@NullMarked
package io.handfast.proxy.accesslog;

import org.jspecify.annotations.NullMarked;
