package io.handfast.proxy.accesslog;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The operators that read heads and trailers. */
final class HeaderOperators {
  private static final String ORIGINAL_PATH = "x-envoy-original-path";
  private static final String ORIGINAL_HOST = "x-envoy-original-host";

  private interface Source {
    @Nullable String get(LogRecord log, String name);
  }

  private HeaderOperators() {}

  /** Hands every operator over by its name. */
  static void register(BiConsumer<String, Operators.Factory> add) {
    add.accept("REQ", parameter -> header(parameter, LogRecord::requestHeader));
    add.accept("REQUEST_HEADER", parameter -> header(parameter, LogRecord::requestHeader));
    add.accept("REQ_WITHOUT_QUERY", parameter -> header(parameter, HeaderOperators::bare));
    add.accept("RESP", parameter -> header(parameter, LogRecord::responseHeader));
    add.accept("RESPONSE_HEADER", parameter -> header(parameter, LogRecord::responseHeader));
    add.accept("TRAILER", parameter -> header(parameter, LogRecord::trailer));
    add.accept("RESPONSE_TRAILER", parameter -> header(parameter, LogRecord::trailer));
    add.accept("PATH", HeaderOperators::path);
    add.accept("QUERY_PARAM", HeaderOperators::queryParameter);
    add.accept("QUERY_PARAMS", HeaderOperators::query);
    add.accept("REQUESTED_SERVER_NAME", HeaderOperators::serverName);
  }

  /** {@code X?Y}: the value of X, or of Y if there is no X. */
  private static Operator header(@Nullable String parameter, Source source) {
    if (parameter == null || parameter.isEmpty()) {
      throw new IllegalArgumentException(
          "no header (expected: its name in parentheses, as in REQ(:path))");
    }
    int mark = parameter.indexOf('?');
    String first = (mark < 0 ? parameter : parameter.substring(0, mark)).toLowerCase(Locale.ROOT);
    String second = mark < 0 ? "" : parameter.substring(mark + 1).toLowerCase(Locale.ROOT);
    if (second.indexOf('?') >= 0) {
      throw new IllegalArgumentException(
          parameter + " (expected: at most one alternative, as in REQ(X?Y))");
    }
    return (Operator.OfText)
        log -> {
          String value = source.get(log, first);
          return value == null && !second.isEmpty() ? source.get(log, second) : value;
        };
  }

  private static @Nullable String bare(LogRecord log, String name) {
    String value = log.requestHeader(name);
    return value == null ? null : withoutQuery(value);
  }

  private static String withoutQuery(String path) {
    int mark = path.indexOf('?');
    return mark < 0 ? path : path.substring(0, mark);
  }

  /** {@code X:Y}: with the query or not, and as it came or as it was sent on. */
  private static Operator path(@Nullable String parameter) {
    String[] parts = parameter == null ? new String[] {""} : parameter.split(":", 2);
    boolean whole = Operators.word("PATH", parts[0], "WQ", "NQ").equals("WQ");
    String from =
        Operators.word("PATH", parts.length < 2 ? null : parts[1], "ORIG_OR_PATH", "ORIG", "PATH");
    return (Operator.OfText)
        log -> {
          String value = from.equals("PATH") ? null : log.requestHeader(ORIGINAL_PATH);
          if (value == null && !from.equals("ORIG")) {
            value = log.requestHeader(":path");
          }
          return value == null || whole ? value : withoutQuery(value);
        };
  }

  private static Operator queryParameter(@Nullable String parameter) {
    if (parameter == null || parameter.isEmpty()) {
      throw new IllegalArgumentException(
          "QUERY_PARAM: no parameter (expected: its name in parentheses)");
    }
    return (Operator.OfText) log -> first(queryOf(log), parameter);
  }

  private static @Nullable String first(@Nullable String query, String name) {
    if (query == null) {
      return null;
    }
    for (String each : query.split("&", -1)) {
      int sign = each.indexOf('=');
      if (name.equals(sign < 0 ? each : each.substring(0, sign))) {
        return sign < 0 ? "" : each.substring(sign + 1);
      }
    }
    return null;
  }

  private static Operator query(@Nullable String parameter) {
    boolean decoded =
        Operators.word("QUERY_PARAMS", parameter, "ORIG", "DECODED").equals("DECODED");
    return (Operator.OfText)
        log -> {
          String query = queryOf(log);
          return query == null || !decoded ? query : decoded(query);
        };
  }

  private static String decoded(String query) {
    try {
      return URLDecoder.decode(query.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return query;
    }
  }

  private static @Nullable String queryOf(LogRecord log) {
    String path = log.requestHeader(":path");
    int mark = path == null ? -1 : path.indexOf('?');
    return path == null || mark < 0 ? null : path.substring(mark + 1);
  }

  /** {@code X:Y}: the name by SNI, or the host, and which. */
  private static Operator serverName(@Nullable String parameter) {
    String name = "REQUESTED_SERVER_NAME";
    String[] parts = parameter == null ? new String[] {""} : parameter.split(":", 2);
    String order = Operators.word(name, parts[0], "SNI_ONLY", "SNI_FIRST", "HOST_FIRST");
    String from =
        Operators.word(name, parts.length < 2 ? null : parts[1], "ORIG_OR_HOST", "ORIG", "HOST");
    return (Operator.OfText)
        log -> {
          String sni = sni(log);
          if (order.equals("SNI_ONLY") || (order.equals("SNI_FIRST") && !sni.isEmpty())) {
            return sni;
          }
          String host = from.equals("HOST") ? null : log.requestHeader(ORIGINAL_HOST);
          if (host == null && !from.equals("ORIG")) {
            host = log.requestHeader(":authority");
          }
          return host == null || host.isEmpty() ? sni : host;
        };
  }

  private static String sni(LogRecord log) {
    var connection = log.info().connection();
    return connection.tls() == null
        ? connection.requestedServerName()
        : connection.tls().serverName();
  }
}
