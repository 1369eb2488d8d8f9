package io.handfast.demo;

import java.io.Serial;

/** The demo cannot go on; its message is for the reader of the terminal. */
final class DemoFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  DemoFailure(String message) {
    super(message);
  }
}
