package io.handfast.tx.interceptor;

import io.handfast.tx.core.participant.TryAnswer;

/**
 * What an answer means, whatever its protocol says it by: who knows the protocol tells. Immutable.
 *
 * @param answer the meaning
 * @param detail what was said, for people, as the end of a sentence: {@code answered 503}
 */
public record Verdict(TryAnswer answer, String detail) {

  /** Whether it counts as success. */
  public boolean isSuccess() {
    return answer == TryAnswer.SUCCESS;
  }
}
