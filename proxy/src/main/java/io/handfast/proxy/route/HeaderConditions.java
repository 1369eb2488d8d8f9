package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** Whether what is asked of headers holds for a request. Pure. */
public final class HeaderConditions {

  private HeaderConditions() {}

  /**
   * Whether it holds.
   *
   * @param head null: a request that has no header
   */
  public static boolean hold(HeaderMatch header, @Nullable RequestHead head) {
    String found = head == null ? null : value(head, header.name());
    String value = found == null && header.treatMissingAsEmpty() ? "" : found;
    if (header.test() instanceof ValueTest.Present(boolean wanted)) {
      return (value != null) == wanted != header.invert();
    }
    // A header that is not there matches nothing, inverted or not, as in Envoy.
    return value != null && holds(header.test(), value) != header.invert();
  }

  private static @Nullable String value(RequestHead head, String name) {
    return switch (name) {
      case ":method" -> head.method();
      case ":path" -> head.path();
      case ":authority", "host" -> head.authority();
      case ":scheme" -> head.scheme();
      case String field -> head.headers().getJoined(field);
    };
  }

  static boolean holds(ValueTest test, String value) {
    return switch (test) {
      case ValueTest.Present(boolean wanted) -> wanted;
      case ValueTest.Matches(var match) -> match.matches(value);
      case ValueTest.Range(long start, long end) -> inRange(value, start, end);
    };
  }

  private static boolean inRange(String value, long start, long end) {
    try {
      long number = Long.parseLong(value);
      return number >= start && number < end;
    } catch (NumberFormatException notANumber) {
      return false;
    }
  }
}
