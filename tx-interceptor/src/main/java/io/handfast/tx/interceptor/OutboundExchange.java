package io.handfast.tx.interceptor;

import java.util.List;

/** A tagged request of the local service. Told from the stream's executor; never blocks. */
public interface OutboundExchange {

  /** The largest answer of an optional call that is held, in bytes. */
  int MAX_HELD_ANSWER = 64 * 1024;

  /**
   * The answer has come to its clean end, and the service has it, or, where the answer is held, may
   * have it. What the service answers itself may be heard before: a branch waits for open calls.
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
   * @param votes as far as they came: they do not count, but say who is to be told
   */
  void failed(String reason, List<String> votes);
}
