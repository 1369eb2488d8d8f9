package io.handfast.proxy.config;

import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One access log.
 *
 * @param sink where it goes
 * @param format of one record
 * @param filter what is written of; empty: everything
 */
public record AccessLogConfig(Sink sink, Format format, Optional<Filter> filter) {

  /** Envoy's default format, one line per stream. */
  public static final String DEFAULT_FORMAT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
          + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\""
          + " \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\""
          + " \"%UPSTREAM_HOST%\"\n";

  /** A log of everything. */
  public AccessLogConfig(Sink sink, Format format) {
    this(sink, format, Optional.empty());
  }

  /** Where records go. */
  public sealed interface Sink {

    /** Appended to; {@code /dev/stdout} and {@code /dev/stderr} become the sinks of that name. */
    record File(String path) implements Sink {
      public File {
        Checks.notEmpty("path", path);
      }
    }

    /** Standard output of this process. */
    record Stdout() implements Sink {}

    /** Standard error of this process. */
    record Stderr() implements Sink {}
  }

  /** What a record looks like. */
  public sealed interface Format {

    /**
     * Envoy's command operators in a text; the text ends its own lines.
     *
     * @param omitEmpty nothing stands, rather than {@code -}, where an operator has no value
     */
    record Text(String format, boolean omitEmpty) implements Format {
      public Text {
        Checks.notEmpty("format", format);
      }

      /** With {@code -} where an operator has no value. */
      public Text(String format) {
        this(format, false);
      }
    }

    /**
     * One JSON object per line, its members by name.
     *
     * @param fields a text with command operators, a nested {@code Map<String, Object>} or {@code
     *     List<Object>}, or a {@code Boolean}, a {@code Double} or null as it is
     * @param omitEmpty members without a value are left out
     */
    record Json(Map<String, ?> fields, boolean omitEmpty) implements Format {
      public Json {
        fields = Collections.unmodifiableMap(new LinkedHashMap<String, Object>(fields));
      }

      /** With null where an operator has no value. */
      public Json(Map<String, ?> fields) {
        this(fields, false);
      }
    }
  }

  /** {@code envoy.config.accesslog.v3.AccessLogFilter}: which records are written. */
  public sealed interface Filter {

    /** How a value compares with the one that is given. */
    enum Comparison {
      EQ,
      GE,
      LE;

      /** Whether it holds. */
      public boolean holds(long value, long limit) {
        return switch (this) {
          case EQ -> value == limit;
          case GE -> value >= limit;
          case LE -> value <= limit;
        };
      }
    }

    /** By the status of the response; 0 if there was none. */
    record StatusCode(Comparison comparison, long status) implements Filter {}

    /** By the time that it took, in milliseconds. */
    record Took(Comparison comparison, long millis) implements Filter {}

    /** Everything but health checks that were answered here; none is. */
    record NotHealthCheck() implements Filter {}

    /** What all of them let through. */
    record And(List<Filter> filters) implements Filter {
      public And {
        filters = List.copyOf(filters);
      }
    }

    /** What any of them lets through. */
    record Or(List<Filter> filters) implements Filter {
      public Or {
        filters = List.copyOf(filters);
      }
    }

    /** By a header of the request. */
    record Header(HeaderMatch match) implements Filter {}

    /**
     * What has one of these flags.
     *
     * @param flags by their short names; empty: what has any
     */
    record Flags(Set<String> flags) implements Filter {
      public Flags {
        flags = Set.copyOf(flags);
      }
    }

    /**
     * By the status of gRPC, which a request of HTTP has by its status.
     *
     * @param numbers of the statuses
     * @param exclude whether it is the others that are written
     */
    record GrpcStatus(Set<Integer> numbers, boolean exclude) implements Filter {
      public GrpcStatus {
        numbers = Set.copyOf(numbers);
      }
    }

    /**
     * By the moment that it tells of.
     *
     * @param types by the names of {@code %ACCESS_LOG_TYPE%}
     * @param exclude whether it is the others that are written
     */
    record LogType(Set<String> types, boolean exclude) implements Filter {
      public LogType {
        types = Set.copyOf(types);
      }
    }
  }
}
