package io.handfast.proxy.accesslog;

import io.handfast.proxy.http.StreamInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The command operators that are known, by Envoy's names; {@code TX_ID} and {@code TX_OUTCOME} are
 * ours. One of Envoy's that is not here is refused by its name, for a log that says {@code -} for
 * everything looks like one that works.
 *
 * @see <a
 *     href="https://www.envoyproxy.io/docs/envoy/latest/configuration/advanced/substitution_formatter">Envoy's
 *     description</a>
 */
final class Operators {

  /**
   * Makes an operator of its parameter, which is null if there is none; throws what is wrong with
   * it.
   */
  interface Factory {
    Operator create(@Nullable String parameter);
  }

  private static final Map<String, Factory> BY_NAME = new TreeMap<>();
  private static final Path KERNELS_HOSTNAME = Path.of("/proc/sys/kernel/hostname");

  static {
    BY_NAME.put("START_TIME", parameter -> startTime(parameter, TimeFormat.UTC));
    BY_NAME.put("START_TIME_LOCAL", parameter -> startTime(parameter, ZoneId.systemDefault()));
    BY_NAME.put("EMIT_TIME", parameter -> emitTime(parameter, TimeFormat.UTC));
    BY_NAME.put("EMIT_TIME_LOCAL", parameter -> emitTime(parameter, ZoneId.systemDefault()));
    HeaderOperators.register(BY_NAME::put);
    text("PROTOCOL", log -> log.info().protocolText());
    text("UPSTREAM_PROTOCOL", log -> log.info().upstreamProtocolText());
    number("RESPONSE_CODE", log -> log.info().status());
    BY_NAME.put("RESPONSE_CODE_DETAILS", Operators::details);
    text("CONNECTION_TERMINATION_DETAILS", log -> null); // nothing here ends a connection by rules
    text("UPSTREAM_TRANSPORT_FAILURE_REASON", log -> underscored(log.info().upstreamFailure()));
    text("DOWNSTREAM_TRANSPORT_FAILURE_REASON", log -> underscored(log.info().downstreamFailure()));
    text("RESPONSE_FLAGS", log -> log.info().flagsText());
    text("RESPONSE_FLAGS_LONG", log -> log.info().longFlagsText());
    GrpcOperators.register(BY_NAME::put);
    number("BYTES_RECEIVED", log -> log.info().bytesReceived());
    number("BYTES_SENT", log -> log.info().bytesSent());
    number("BYTES_RETRANSMITTED", log -> 0); // of QUIC
    number("PACKETS_RETRANSMITTED", log -> 0); // of QUIC
    number("DURATION", millis(StreamInfo::endAfterNanos));
    number("REQUEST_DURATION", millis(StreamInfo::requestEndAfterNanos));
    number("REQUEST_TX_DURATION", millis(StreamInfo::requestSentAfterNanos));
    number("RESPONSE_DURATION", millis(StreamInfo::responseHeadAfterNanos));
    number("RESPONSE_TX_DURATION", Operators::responseTxDuration);
    number("ROUNDTRIP_DURATION", log -> Operator.OfNumber.NONE); // of QUIC
    BY_NAME.put("COMMON_DURATION", Durations::create);
    number("UPSTREAM_REQUEST_ATTEMPT_COUNT", log -> log.info().attempts());
    text("UPSTREAM_CLUSTER", log -> log.info().cluster());
    text("UPSTREAM_CLUSTER_RAW", log -> log.info().cluster());
    text("ROUTE_NAME", log -> log.info().routeName());
    AddressOperators.register(BY_NAME::put);
    number("CONNECTION_ID", log -> log.info().connection().id());
    text("STREAM_ID", log -> log.info().requestId());
    text("ACCESS_LOG_TYPE", Operators::logType);
    TlsOperators.register(BY_NAME::put);
    BY_NAME.put("ENVIRONMENT", Operators::environment);
    text("HOSTNAME", constant(hostname()));
    text("TRACE_ID", TransactionFields::traceId);
    text("TX_ID", TransactionFields::txId);
    text("TX_OUTCOME", TransactionFields::outcome);
  }

  private Operators() {}

  /**
   * The operator of that name.
   *
   * @throws IllegalArgumentException if there is none, or the parameter does not suit it
   */
  static Operator create(String name, @Nullable String parameter) {
    Factory factory = BY_NAME.get(name);
    if (factory == null) {
      throw new IllegalArgumentException(
          "%" + name + "% (expected: one of " + String.join(", ", BY_NAME.keySet()) + ")");
    }
    return factory.create(parameter);
  }

  private static void text(String name, Operator.OfText operator) {
    BY_NAME.put(name, withoutParameter(name, operator));
  }

  private static void number(String name, Operator.OfNumber operator) {
    BY_NAME.put(name, withoutParameter(name, operator));
  }

  /** An operator that takes no parameter. */
  static Factory withoutParameter(String name, Operator operator) {
    return parameter -> {
      if (parameter != null) {
        throw new IllegalArgumentException(
            "%" + name + "(" + parameter + ")% (expected: no parameter)");
      }
      return operator;
    };
  }

  private static Operator startTime(@Nullable String parameter, ZoneId zone) {
    TimeFormat format = TimeFormat.compile(parameter, zone);
    return (Operator.OfText) log -> format.format(log.info().startEpochMillis());
  }

  private static Operator emitTime(@Nullable String parameter, ZoneId zone) {
    TimeFormat format = TimeFormat.compile(parameter, zone);
    return (Operator.OfText)
        log -> {
          long took = Math.max(0, log.info().endAfterNanos()) / 1_000_000;
          return format.format(log.info().startEpochMillis() + took);
        };
  }

  private static Operator details(@Nullable String parameter) {
    if (parameter == null) {
      return (Operator.OfText) log -> underscored(log.info().details());
    }
    if (!parameter.equals("ALLOW_WHITESPACES")) {
      throw new IllegalArgumentException(
          "%RESPONSE_CODE_DETAILS(" + parameter + ")% (expected: ALLOW_WHITESPACES or nothing)");
    }
    return (Operator.OfText) log -> log.info().details();
  }

  private static String underscored(String text) {
    return text.replace(' ', '_');
  }

  private static Operator environment(@Nullable String parameter) {
    if (parameter == null || parameter.isEmpty()) {
      throw new IllegalArgumentException(
          "ENVIRONMENT: no variable (expected: its name in parentheses)");
    }
    return constant(System.getenv(parameter));
  }

  private static Operator.OfText constant(@Nullable String value) {
    return log -> value;
  }

  private static @Nullable String hostname() {
    try {
      return Files.readString(KERNELS_HOSTNAME).strip();
    } catch (IOException notLinux) {
      return System.getenv("HOSTNAME");
    }
  }

  /** What the record is about, in Envoy's words. */
  static String logType(LogRecord log) {
    if (log.info().ofListener()) {
      return "NotSet";
    }
    return log.info().protocolText() == null ? "TcpConnectionEnd" : "DownstreamEnd";
  }

  private static long responseTxDuration(LogRecord log) {
    StreamInfo info = log.info();
    return info.responseHeadAfterNanos() < 0 || info.endAfterNanos() < 0
        ? Operator.OfNumber.NONE
        : (info.endAfterNanos() - info.responseHeadAfterNanos()) / 1_000_000;
  }

  private static Operator.OfNumber millis(ToLongFunction<StreamInfo> nanos) {
    return log -> {
      long value = nanos.applyAsLong(log.info());
      return value < 0 ? Operator.OfNumber.NONE : value / 1_000_000;
    };
  }

  /** One of the words that an operator's parameter may be; the first if there is none. */
  static String word(String operator, @Nullable String parameter, String... words) {
    if (parameter == null || parameter.isEmpty()) {
      return words[0];
    }
    for (String word : words) {
      if (word.equals(parameter)) {
        return word;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "%%%s(%s)%% (expected: one of %s)",
            operator,
            parameter,
            String.join(", ", words)));
  }
}
