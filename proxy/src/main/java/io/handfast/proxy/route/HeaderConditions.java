package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** Whether what is asked of headers holds for a request. Pure. */
public final class HeaderConditions {

  private HeaderConditions() {}

  /**
   * Whether it holds. Of a field with several lines one must pass the test, each by itself, as in
   * Envoy; inverted, none.
   *
   * @param head null: a request that has no header
   */
  public static boolean hold(HeaderMatch header, @Nullable RequestHead head) {
    boolean there = head != null && isThere(header.name(), head);
    if (header.test() instanceof ValueTest.Present(boolean wanted)) {
      return (there || header.treatMissingAsEmpty()) == wanted != header.invert();
    }
    if (head != null && there) {
      return anyHolds(header.test(), header.name(), head) != header.invert();
    }
    // A header that is not there matches nothing, inverted or not, as in Envoy.
    return header.treatMissingAsEmpty() && holds(header.test(), "") != header.invert();
  }

  private static boolean isThere(String name, RequestHead head) {
    return ofRequestLine(name, head) != null || head.headers().contains(name);
  }

  private static boolean anyHolds(ValueTest test, String name, RequestHead head) {
    String single = ofRequestLine(name, head);
    if (single != null) {
      return holds(test, single);
    }
    Headers headers = head.headers();
    for (int at = headers.indexOf(name, 0); at >= 0; at = headers.indexOf(name, at + 1)) {
      if (holds(test, headers.value(at))) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable String ofRequestLine(String name, RequestHead head) {
    return switch (name) {
      case ":method" -> head.method();
      case ":path" -> head.path();
      case ":authority", "host" -> head.authority();
      case ":scheme" -> head.scheme();
      case String _ -> null;
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
