package io.handfast.example.bank.web;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a handler answers.
 *
 * @param status the HTTP status
 * @param headers headers beside those that the server sets itself
 * @param body written as JSON; null for none
 */
public record Answer(int status, Map<String, String> headers, @Nullable Object body) {

  public static Answer ok(Object body) {
    return new Answer(200, Map.of(), body);
  }

  public static Answer created(String location, Object body) {
    return new Answer(201, Map.of("location", location), body);
  }

  public static Answer noContent() {
    return new Answer(204, Map.of(), null);
  }

  static Answer problem(Problem problem) {
    return new Answer(
        problem.status(),
        Map.of("content-type", "application/problem+json"),
        new ProblemDocument(problem.status(), problem.title(), problem.detail()));
  }

  /** RFC 9457. */
  record ProblemDocument(int status, String title, String detail) {}
}
