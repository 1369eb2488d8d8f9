package io.handfast.tx.port;

import io.handfast.transaction.v1.Completion;

/**
 * The service beside this sidecar, called to confirm or cancel a branch. Called on the {@link
 * EngineLoop}; never blocks. The callback may come on any thread, once.
 */
public interface LocalService {

  /** Sends one request; gives up after {@code timeout_ms}. Nothing is retried here. */
  void send(Completion completion, Callback callback);

  /** What came of it. */
  interface Callback {

    /** The service answered, whole and clean, with this HTTP status. */
    void onAnswer(int status);

    /**
     * No whole answer: the service may or may not have done it.
     *
     * @param reason a short sentence for logs
     */
    void onNoAnswer(String reason);
  }
}
