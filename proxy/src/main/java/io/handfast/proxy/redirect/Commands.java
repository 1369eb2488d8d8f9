package io.handfast.proxy.redirect;

import java.io.IOException;
import java.util.List;

/** Runs programs of the system. */
public interface Commands {

  /**
   * What a program did.
   *
   * @param output everything that it said
   */
  record Result(int exitCode, String output) {

    boolean isDone() {
      return exitCode == 0;
    }
  }

  /** Whether there is a program of that name. */
  boolean has(String program);

  /**
   * Runs a program to its end; waits for it.
   *
   * @param input all that it reads
   * @throws IOException with a sentence, if it cannot be run, or runs for too long
   */
  Result run(List<String> command, String input) throws IOException;
}
