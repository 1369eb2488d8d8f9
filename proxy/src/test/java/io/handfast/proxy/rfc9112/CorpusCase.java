package io.handfast.proxy.rfc9112;

import java.util.List;

/**
 * One case of the corpus.
 *
 * @param name what it is about
 * @param source file and line
 * @param rule the section that it stands on
 * @param listener which of the proxy's listeners it goes to
 * @param sent what the client sends, one character a byte
 * @param received what the service must have received, message by message in canonical form; empty:
 *     nothing
 * @param requestJudged whether {@code received} is part of the case; a case about a response may
 *     leave it out
 * @param answer what the service answers to the first request; empty: 200 and a short body
 * @param service what the service does beyond that
 * @param outcome statuses that the client gets in order, then how its connection ends
 * @param answered what the client must have got, in canonical form; empty: only the outcome counts
 */
record CorpusCase(
    String name,
    String source,
    String rule,
    String listener,
    String sent,
    String received,
    boolean requestJudged,
    String answer,
    ServiceBehaviour service,
    List<String> outcome,
    String answered) {

  /** What follows on the client's connection behind the last answer. */
  static final String KEPT = "kept";

  static final String CLOSED = "closed";

  /** The last answer breaks off. */
  static final String TRUNCATED = "truncated";

  /**
   * How the service behaves.
   *
   * @param early it answers as soon as it has a head
   * @param closes it closes its connection behind the answer
   * @param whole its answer must come in one piece, even where the rest comes byte by byte
   * @param reused whether its connection must have been used again ({@code kept}), must not ({@code
   *     dropped}), or either (empty)
   * @param unfinished the last request that reaches it has no end
   * @param silent it does not answer
   */
  record ServiceBehaviour(
      boolean early,
      boolean closes,
      boolean whole,
      String reused,
      boolean unfinished,
      boolean silent) {}

  boolean isHead() {
    return sent.startsWith("HEAD ");
  }

  boolean keepsConnection() {
    return outcome.getLast().equals(KEPT);
  }

  @Override
  public String toString() {
    return name + " (" + source + ")";
  }
}
