package io.handfast.proxy.accesslog;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of a stream say about its transaction and trace: ids only, as the sidecars write
 * them.
 */
final class TransactionFields {

  private static final Pattern CONTEXT =
      Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-.*");
  private static final Pattern TRACE_STATE =
      Pattern.compile("(?:^|.*,\\s*)hf=([0-9a-f]{32})-[0-9a-f]{16}.*");

  private TransactionFields() {}

  /**
   * From the boundary's response ({@code tx-id}), else from the context of the request as it was
   * sent on.
   */
  static @Nullable String txId(LogRecord log) {
    String answered = log.responseHeader("tx-id");
    if (answered != null) {
      return answered;
    }
    String fromContext = firstGroup(CONTEXT, log.requestHeader("tx-context"));
    return fromContext != null
        ? fromContext
        : firstGroup(TRACE_STATE, log.requestHeader("tracestate"));
  }

  /** {@code committed}, {@code aborted} or {@code unknown}; only a boundary's response has it. */
  static @Nullable String outcome(LogRecord log) {
    return log.responseHeader("tx-outcome");
  }

  /** The trace-id of {@code traceparent}. */
  static @Nullable String traceId(LogRecord log) {
    return firstGroup(CONTEXT, log.requestHeader("traceparent"));
  }

  private static @Nullable String firstGroup(Pattern pattern, @Nullable String value) {
    if (value == null) {
      return null;
    }
    Matcher matcher = pattern.matcher(value);
    return matcher.matches() ? matcher.group(1) : null;
  }
}
