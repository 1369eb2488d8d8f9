package io.handfast.tx.interceptor;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A request for the local service.
 *
 * @param route its name, for people: the same for every request that it takes
 * @param policy what the route says
 * @param trusted whether the listener believes the context that comes with it (T6)
 * @param method HTTP method
 * @param path path and query
 * @param headers as they came
 * @param upgrade whether the request asks for an upgrade, is a CONNECT, or is gRPC-Web
 * @param body the whole body where {@link RoutePolicy#needsRequestBody} asks for it
 * @param tryTimeout how long the service may take for it: the route's timeout (T17)
 * @param callerWaits how long whoever calls waits for the answer, as far as the call says so
 *     (gRPC's deadline, {@code x-envoy-expected-rq-timeout-ms}); empty: as long as it takes. A
 *     transaction that begins here takes no longer, and blocks of SQL wait no longer for locks
 * @param executor the stream's own
 */
public record InboundCall(
    String route,
    RoutePolicy policy,
    boolean trusted,
    String method,
    String path,
    Fields headers,
    boolean upgrade,
    @Nullable ByteString body,
    Duration tryTimeout,
    Optional<Duration> callerWaits,
    Executor executor) {

  /** On a route without a name. */
  public InboundCall(
      RoutePolicy policy,
      boolean trusted,
      String method,
      String path,
      Fields headers,
      boolean upgrade,
      @Nullable ByteString body,
      Duration tryTimeout,
      Optional<Duration> callerWaits,
      Executor executor) {
    this(
        "",
        policy,
        trusted,
        method,
        path,
        headers,
        upgrade,
        body,
        tryTimeout,
        callerWaits,
        executor);
  }
}
