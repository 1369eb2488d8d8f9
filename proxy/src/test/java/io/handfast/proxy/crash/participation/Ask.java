package io.handfast.proxy.crash.participation;

import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a service is asked for in the query of a request, and the trace that came with it.
 * Immutable.
 *
 * @param query {@code key}, how each place behaves, where to stop, whom to call
 * @param trace {@code traceparent} and {@code tracestate}, as far as the request has them
 */
record Ask(Map<String, String> query, Map<String, String> trace) {
  private static final List<String> PROPAGATED = List.of("traceparent", "tracestate");

  /** How a service behaves beside doing what it is for. */
  enum Conduct {
    OBEY,
    /** 500, after its COMMIT. */
    FAIL,
    /** 409, after its ROLLBACK. */
    REFUSE,
    /** Closes the connection without an answer, after its COMMIT. */
    HANG_UP,
    /** 200 first, and then COMMIT. */
    ANSWER_FIRST,
    /** 200, and no COMMIT ever. */
    NEVER_COMMIT,
    /** 200, whatever its database says, and whom it calls. */
    SWALLOW,
    /** Two transactions of its database, one after the other. */
    TWICE
  }

  /** Where a service may be made to wait for the test. */
  enum Stop {
    /** Before COMMIT. */
    WRITTEN,
    /** After COMMIT, before whom it calls. */
    COMMITTED,
    /** Whom it calls has answered, and it has not. */
    CALLED,
    CONFIRMING,
    /** Confirmed, and not answered. */
    CONFIRMED,
    CANCELLING,
    CANCELLED;

    /** Whether it is in a request of the service's own sidecar, and not in the call itself. */
    boolean completes() {
      return switch (this) {
        case WRITTEN, COMMITTED, CALLED -> false;
        case CONFIRMING, CONFIRMED, CANCELLING, CANCELLED -> true;
      };
    }
  }

  Ask {
    query = Map.copyOf(query);
    trace = Map.copyOf(trace);
  }

  static Ask of(HttpExchange exchange) {
    Map<String, String> trace = new LinkedHashMap<>();
    for (String name : PROPAGATED) {
      String value = exchange.getRequestHeaders().getFirst(name);
      if (value != null) {
        trace.put(name, value);
      }
    }
    return new Ask(parse(exchange.getRequestURI()), trace);
  }

  private static Map<String, String> parse(URI uri) {
    String query = uri.getRawQuery();
    return query == null
        ? Map.of()
        : Arrays.stream(query.split("&", -1))
            .map(pair -> pair.split("=", 2))
            .collect(
                Collectors.toMap(
                    pair -> pair[0],
                    pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8),
                    (first, second) -> second));
  }

  static String encode(Map<String, String> query) {
    return query.entrySet().stream()
        .map(pair -> pair.getKey() + "=" + encode(pair.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  String key() {
    return query.getOrDefault("key", "");
  }

  Conduct conduct(Place place) {
    return Conduct.valueOf(query.getOrDefault(place.title(), Conduct.OBEY.name()));
  }

  /** A statement more, in the block; empty if none. */
  String also(Place place) {
    return query.getOrDefault(place.title() + ".sql", "");
  }

  boolean stopsAt(Place place, Stop stop) {
    return query.getOrDefault("at", "").equals(place + "." + stop);
  }

  private boolean completing() {
    String at = query.getOrDefault("at", "");
    return Arrays.stream(Stop.values())
        .anyMatch(stop -> stop.completes() && at.endsWith("." + stop));
  }

  /** What to call, in this order. */
  List<Mode> calls() {
    String calls = query.getOrDefault("calls", "");
    return calls.isEmpty()
        ? List.of()
        : Arrays.stream(calls.split(",", -1)).map(Mode::valueOf).toList();
  }

  /**
   * The query of a call: all that is asked goes to the last one, but that a service is to stop when
   * it completes, which goes to those that it is asked to complete.
   */
  String forCall(Mode mode, boolean last) {
    if (!last) {
      boolean stops = mode.completes() && completing();
      return encode(Map.of("key", key(), "at", stops ? query.getOrDefault("at", "none") : "none"));
    }
    Map<String, String> more = new LinkedHashMap<>(query);
    more.remove("calls");
    more.putIfAbsent("at", "none");
    return encode(more);
  }

  /** As agents write it at the end of a statement that has to do with data. */
  String comment() {
    return trace.isEmpty()
        ? ""
        : trace.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(pair -> pair.getKey() + "='" + encode(pair.getValue()) + "'")
            .collect(Collectors.joining(", ", " /*", "*/"));
  }
}
