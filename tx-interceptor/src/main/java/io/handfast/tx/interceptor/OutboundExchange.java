package io.handfast.tx.interceptor;

import java.util.List;

/** A tagged request of the local service. Told from the stream's executor; never blocks. */
public interface OutboundExchange {

  /** The largest answer of an optional call that is held, in bytes. */
  int MAX_HELD_ANSWER = 64 * 1024;

  /**
   * The answer has come to its clean end. Called before the end is passed on to the service, so
   * that the engine knows of the votes before it hears what the service made of the answer.
   *
   * @param verdict what it means
   * @param votes the values of {@code tx-vote} in head and trailers, in order
   */
  void answered(Verdict verdict, List<String> votes);

  /**
   * No whole answer reached the service: refused, timed out, reset, cut short, cancelled by the
   * service.
   *
   * @param reason a short sentence for people
   */
  void failed(String reason);
}
