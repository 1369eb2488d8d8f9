package io.handfast.proxy.config;

import java.util.Map;

/**
 * One access log.
 *
 * @param sink where it goes
 * @param format of one record
 */
public record AccessLogConfig(Sink sink, Format format) {

  /** Envoy's default format, one line per stream. */
  public static final String DEFAULT_FORMAT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS%"
          + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\""
          + " \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

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

    /** Envoy's command operators in a text; the text ends its own lines. */
    record Text(String format) implements Format {
      public Text {
        Checks.notEmpty("format", format);
      }
    }

    /**
     * One JSON object per line.
     *
     * @param fields in order: a text with command operators, a nested {@code Map<String, Object>},
     *     or a {@code Boolean} or {@code Double} as it is
     */
    record Json(Map<String, Object> fields) implements Format {
      public Json {
        fields = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(fields));
      }
    }
  }
}
