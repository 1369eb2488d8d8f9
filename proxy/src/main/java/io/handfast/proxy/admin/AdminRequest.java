package io.handfast.proxy.admin;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to an endpoint.
 *
 * @param path without the query, decoded
 * @param query parameters in order, decoded; of several values the first; a flag without {@code =}
 *     has an empty one
 * @param token {@link OperatorToken#HEADER}, unchecked
 */
record AdminRequest(String path, Map<String, String> query, @Nullable String token) {

  /** Of somebody who names no token. */
  AdminRequest(String path, Map<String, String> query) {
    this(path, query, null);
  }

  /** The value of a parameter. */
  Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name));
  }

  /** Whether a flag stands there and does not say {@code false}. */
  boolean flag(String name) {
    String value = query.get(name);
    return value != null && !value.equals("false");
  }

  /** Whether {@code format=json} was asked for; text is the other choice. */
  boolean wantsJson() throws BadRequestException {
    String format = parameter("format").orElse("text");
    return switch (format) {
      case "json" -> true;
      case "text" -> false;
      default -> throw new BadRequestException("format: " + format + " (expected: text or json)");
    };
  }
}
