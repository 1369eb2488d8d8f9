package io.handfast.tx.interceptor;

import io.handfast.tx.core.Protocol;
import io.handfast.tx.resource.Resource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a route is to transactions, compiled from its configuration. Immutable.
 *
 * @param propagation what is done with and without a context
 * @param boundary set where a request without context begins a transaction
 * @param resource how the local service takes part; null where the route says nothing
 * @param optional a call on this route that fails does not doom its caller (T12); outbound only
 */
public record RoutePolicy(
    Propagation propagation,
    @Nullable Boundary boundary,
    @Nullable Resource resource,
    boolean optional) {

  /** A route that says nothing. */
  public static final RoutePolicy NONE = new RoutePolicy(Propagation.SUPPORTS, null, null, false);

  /** Jakarta Transactions' attribute, as far as it is built. */
  public enum Propagation {
    /** Join, else begin. */
    REQUIRED,
    /** Join, else refuse the call. */
    MANDATORY,
    /** Join, else without. */
    SUPPORTS
  }

  /**
   * Where transactions begin and end.
   *
   * @param timeout from the request's arrival to the latest decision
   * @param completionWait how long the response waits, after the decision, for all to carry it out
   * @param maxHeldResponse bytes of the response held until the outcome
   * @param allowIdempotencyKey lets requests through that carry an {@code Idempotency-Key}
   * @param allowStreaming lets calls of gRPC in that send more than one message
   * @param protocol by which they commit
   * @param minSuccessProbability below which none begins; 0: all do
   */
  public record Boundary(
      Duration timeout,
      Duration completionWait,
      int maxHeldResponse,
      boolean allowIdempotencyKey,
      boolean allowStreaming,
      Protocol protocol,
      double minSuccessProbability) {

    /** Where all begin. */
    public Boundary(
        Duration timeout,
        Duration completionWait,
        int maxHeldResponse,
        boolean allowIdempotencyKey,
        boolean allowStreaming,
        Protocol protocol) {
      this(
          timeout,
          completionWait,
          maxHeldResponse,
          allowIdempotencyKey,
          allowStreaming,
          protocol,
          0);
    }

    /** Of two-phase commit, where all begin. */
    public Boundary(
        Duration timeout,
        Duration completionWait,
        int maxHeldResponse,
        boolean allowIdempotencyKey,
        boolean allowStreaming) {
      this(
          timeout,
          completionWait,
          maxHeldResponse,
          allowIdempotencyKey,
          allowStreaming,
          Protocol.TWO_PHASE);
    }
  }

  /** Whether the request's body has to be held, up to 64 KiB, and handed to the interceptor. */
  public boolean needsRequestBody() {
    return resource != null && resource.needsRequestBody();
  }
}
