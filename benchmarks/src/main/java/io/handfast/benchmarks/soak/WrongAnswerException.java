package io.handfast.benchmarks.soak;

import java.io.Serial;

/** An answer came, and it is not the one to the question. */
final class WrongAnswerException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  WrongAnswerException(String message) {
    super(message);
  }
}
