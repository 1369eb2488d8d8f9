package io.handfast.demo.town;

import java.io.Serial;

/** The demo cannot go on; its message is for the reader of the terminal. */
public final class DemoFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public DemoFailure(String message) {
    super(message);
  }
}
