package io.handfast.demo;

import java.util.Optional;

/**
 * What a client was told of its transfer.
 *
 * @param status the HTTP status, 0 without an answer
 * @param txId the transaction, where the answer named it
 * @param detail the reason, for people; may be empty
 */
record Told(Verdict verdict, int status, Optional<String> txId, String detail) {

  enum Verdict {
    COMMITTED("committed"),
    ABORTED("aborted"),
    /** The boundary could not say. */
    UNKNOWN("unknown"),
    /** No answer came, or one that is silent on the outcome. */
    NOTHING("no verdict");

    final String title;

    Verdict(String title) {
      this.title = title;
    }
  }

  static Told nothing(String why) {
    return new Told(Verdict.NOTHING, 0, Optional.empty(), why);
  }

  static Told of(Rest.Reply reply) {
    String outcome = reply.headers().firstValue("tx-outcome").orElse("");
    Verdict verdict =
        switch (outcome) {
          case "committed" -> Verdict.COMMITTED;
          case "aborted" -> Verdict.ABORTED;
          case "unknown" -> Verdict.UNKNOWN;
          default -> Verdict.NOTHING;
        };
    String detail = reply.body().path("detail").asText(reply.body().path("title").asText(""));
    return new Told(verdict, reply.status(), reply.headers().firstValue("tx-id"), detail);
  }

  /** As one phrase: {@code aborted (422: bank-a: account alice: …)}. */
  @Override
  public String toString() {
    if (status == 0) {
      return verdict.title + " (" + detail + ")";
    }
    return verdict.title + " (" + status + (detail.isEmpty() ? "" : ": " + detail) + ")";
  }
}
