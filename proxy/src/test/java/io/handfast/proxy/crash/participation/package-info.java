/**
 * The matrix of participation: {@link io.handfast.proxy.crash.participation.Matrix} is a table of
 * every way to take part against everything that may happen, played by one test with real sidecars,
 * real services and a real PostgreSQL, each in a process of its own.
 *
 * <p>The services ({@link io.handfast.proxy.crash.participation.PlainService}) know nothing of
 * transactions of the mesh. In the place of an agent they carry {@code traceparent} and {@code
 * tracestate} from a request into their calls and into a comment of their SQL.
 */
@NullMarked
package io.handfast.proxy.crash.participation;

import org.jspecify.annotations.NullMarked;
