package io.handfast.benchmarks.tx;

import java.io.IOException;

/** What a service does with a request. Called by many threads at once. */
@FunctionalInterface
public interface Handler {
  /** Answers; what is thrown is answered with 500. */
  Answer serve(Request request) throws IOException;

  /**
   * A request.
   *
   * @param path with its query
   * @param head all of its head, for its fields
   */
  record Request(String path, String head, String body) {}

  /**
   * An answer.
   *
   * @param body JSON
   */
  record Answer(int status, String body) {
    public static final Answer OK = new Answer(200, "{}");
  }
}
