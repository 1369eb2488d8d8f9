package io.handfast.tx.interceptor;

import java.util.List;

/**
 * Told what to do with a request for the local service and with its answer. Called on the stream's
 * executor. First exactly one of {@link #pass}, {@link #forward}, {@link #refuse}, {@link #replay};
 * after {@link #forward} exactly one of {@link #release}, {@link #replace}, {@link #reset}: the
 * first only once the exchange was told of the answer, the others at any time (a deadline does not
 * wait for the service). Nothing more after {@link InboundExchange#callerGone}.
 *
 * <p>In every case the mesh's own headers ({@link io.handfast.tx.context.OwnHeader}), in any
 * spelling, are to be taken off the request and off the service's answer (T6, T7); {@code set}
 * replaces headers of the same name, and an empty value removes it.
 */
public interface InboundListener {

  /** No transaction: forward the request and let the answer through; the exchange is over. */
  void pass(List<Field> set);

  /** Forward the request; its answer goes to the exchange. */
  void forward(List<Field> set, AnswerHolding holding);

  /** Do not forward; answer with this. */
  void refuse(Problem problem);

  /** Do not forward: the first of the same call was answered with this (a duplicate). */
  void replay(StoredAnswer answer);

  /** Let the head of an answer go on that is too large to be held; its end is still held back. */
  void releaseHead();

  /**
   * Let the answer, or what is left of it, go on.
   *
   * @param added headers of the answer if its head has not left, else trailers
   */
  void release(List<Field> added);

  /** Throw the answer away and answer with this; only if the head has not left. */
  void replace(Problem problem);

  /** Reset the stream: the head has left and the answer must not look whole. */
  void reset(String reason);
}
