package io.handfast.tx.interceptor;

import java.util.List;

/**
 * Told what to do with a request of the local service and with its answer. Called on the stream's
 * executor. First exactly one of {@link #pass}, {@link #forward}, {@link #refuse}; where {@link
 * #forward} asked for it, {@link #release} or {@link #replace} once the exchange was told of the
 * answer's end. Nothing more after {@link OutboundExchange#failed}.
 *
 * <p>In every case the mesh's own headers ({@link io.handfast.tx.context.OwnHeader}), in any
 * spelling, are to be taken off the request and off the answer; {@code set} replaces headers of the
 * same name, and an empty value removes it.
 */
public interface OutboundListener {

  /** No transaction: forward the request and let the answer through; the exchange is over. */
  void pass(List<Field> set);

  /**
   * Forward the request; its answer goes on as it comes and is told to the exchange.
   *
   * @param holdAnswer hold the answer until told (an optional call), at most {@link
   *     OutboundExchange#MAX_HELD_ANSWER} bytes; a longer one is a failed call
   */
  void forward(List<Field> set, boolean holdAnswer);

  /** Do not forward; answer the service with this. */
  void refuse(Problem problem);

  /** Let the held answer go on. */
  void release();

  /** Throw the held answer away: the service is told that the call failed. */
  void replace(Problem problem);
}
