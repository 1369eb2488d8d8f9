package io.handfast.tx.interceptor;

/** A forwarded request for the local service. Told from the stream's executor; never blocks. */
public interface InboundExchange {

  /**
   * The head of an answer that counts as success has come, and its body is too large to be held:
   * {@link InboundListener#releaseHead} or something else follows.
   */
  void answerStarted();

  /**
   * The service has answered: with success and whole, to the clean end, or with an error, whose
   * body may still be on its way. Once, unless one of the others came first.
   */
  void answered(StoredAnswer answer);

  /**
   * The answer is larger than may be held and nothing of it has left (boundary only).
   *
   * @param limitBytes what would have been held
   */
  void tooLarge(long limitBytes);

  /**
   * What comes of the request now is nothing that may go on, though the service may have seen the
   * beginning.
   *
   * @param problem the answer, in the place of the service's
   */
  void broken(Problem problem);

  /**
   * No whole answer: timeout, reset, connection refused, cut short. What the data path has in its
   * place, if anything, is what {@link InboundListener#release} lets go.
   *
   * @param neverSent the service cannot have seen the request
   */
  void lost(String reason, boolean neverSent);

  /** Whoever sent the request does not wait for the answer any more. May come at any time. */
  void callerGone();
}
