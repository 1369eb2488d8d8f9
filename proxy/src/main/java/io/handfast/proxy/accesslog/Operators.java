package io.handfast.proxy.accesslog;

import io.handfast.proxy.http.StreamInfo;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The command operators that are known, by Envoy's names; {@code TX_ID} and {@code TX_OUTCOME} are
 * ours.
 *
 * @see <a
 *     href="https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage">Envoy's
 *     description</a>
 */
final class Operators {

  /**
   * Makes an operator of its parameter, which is null if there is none; throws what is wrong with
   * it.
   */
  private interface Factory {
    Operator create(@Nullable String parameter);
  }

  private static final Map<String, Factory> BY_NAME = new TreeMap<>();

  static {
    BY_NAME.put("START_TIME", Operators::startTime);
    BY_NAME.put("REQ", parameter -> header(parameter, LogRecord::requestHeader));
    BY_NAME.put("RESP", parameter -> header(parameter, LogRecord::responseHeader));
    BY_NAME.put("TRAILER", parameter -> header(parameter, LogRecord::trailer));
    text("PROTOCOL", log -> log.info().protocolText());
    number("RESPONSE_CODE", log -> log.info().status());
    text("RESPONSE_CODE_DETAILS", log -> log.info().details().replace(' ', '_'));
    text("RESPONSE_FLAGS", log -> log.info().hasFlags() ? log.info().flagsText() : null);
    number("BYTES_RECEIVED", log -> log.info().bytesReceived());
    number("BYTES_SENT", log -> log.info().bytesSent());
    number("DURATION", log -> millis(log.info().endAfterNanos()));
    number("REQUEST_DURATION", log -> millis(log.info().requestEndAfterNanos()));
    number("RESPONSE_DURATION", log -> millis(log.info().responseHeadAfterNanos()));
    number("RESPONSE_TX_DURATION", Operators::responseTxDuration);
    number("UPSTREAM_REQUEST_ATTEMPT_COUNT", log -> log.info().attempts());
    text("UPSTREAM_CLUSTER", log -> log.info().cluster());
    text("ROUTE_NAME", log -> log.info().routeName());
    address("UPSTREAM_REMOTE", log -> log.info().upstreamHost());
    address("UPSTREAM_LOCAL", log -> log.info().upstreamLocal());
    address("DOWNSTREAM_REMOTE", log -> log.info().connection().remote());
    address("DOWNSTREAM_DIRECT_REMOTE", log -> log.info().connection().remote());
    address("DOWNSTREAM_LOCAL", log -> log.info().connection().local());
    text("UPSTREAM_HOST", log -> hostAndPort(log.info().upstreamHost()));
    number("CONNECTION_ID", log -> log.info().connection().id());
    text("STREAM_ID", log -> log.info().requestId());
    TlsOperators.register(Operators::text);
    BY_NAME.put("ENVIRONMENT", Operators::environment);
    text("HOSTNAME", constant(System.getenv("HOSTNAME")));
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
    BY_NAME.put(name, parameter -> withoutParameter(name, parameter, operator));
  }

  private static void number(String name, Operator.OfNumber operator) {
    BY_NAME.put(name, parameter -> withoutParameter(name, parameter, operator));
  }

  private static void address(String prefix, Function<LogRecord, @Nullable SocketAddress> address) {
    text(prefix + "_ADDRESS", log -> hostAndPort(address.apply(log)));
    text(prefix + "_ADDRESS_WITHOUT_PORT", log -> host(address.apply(log)));
    number(prefix + "_PORT", log -> port(address.apply(log)));
  }

  private static Operator withoutParameter(
      String name, @Nullable String parameter, Operator operator) {
    if (parameter != null) {
      throw new IllegalArgumentException(
          "%" + name + "(" + parameter + ")% (expected: no parameter)");
    }
    return operator;
  }

  private static Operator startTime(@Nullable String parameter) {
    TimeFormat format = TimeFormat.compile(parameter == null ? TimeFormat.DEFAULT : parameter);
    return (Operator.OfText) log -> format.format(log.info().startEpochMillis());
  }

  /** {@code X?Y}: the value of X, or of Y if there is no X. */
  private static Operator header(@Nullable String parameter, HeaderSource source) {
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

  private interface HeaderSource {
    @Nullable String get(LogRecord log, String name);
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

  private static long responseTxDuration(LogRecord log) {
    StreamInfo info = log.info();
    return info.responseHeadAfterNanos() < 0 || info.endAfterNanos() < 0
        ? Operator.OfNumber.NONE
        : millis(info.endAfterNanos() - info.responseHeadAfterNanos());
  }

  private static long millis(long nanos) {
    return nanos < 0 ? Operator.OfNumber.NONE : nanos / 1_000_000;
  }

  private static @Nullable String hostAndPort(@Nullable SocketAddress address) {
    if (address instanceof InetSocketAddress inet) {
      String host = hostOf(inet);
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
    }
    return address == null ? null : address.toString();
  }

  private static @Nullable String host(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? hostOf(inet) : hostAndPort(address);
  }

  private static String hostOf(InetSocketAddress address) {
    return address.getAddress() == null
        ? address.getHostString()
        : address.getAddress().getHostAddress();
  }

  private static long port(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress inet ? inet.getPort() : Operator.OfNumber.NONE;
  }
}
