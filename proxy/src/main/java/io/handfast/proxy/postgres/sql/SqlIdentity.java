package io.handfast.proxy.postgres.sql;

import io.handfast.tx.context.ContextHeader;
import io.handfast.tx.context.MalformedHeaderException;
import io.handfast.tx.context.TraceParent;
import io.handfast.tx.context.TraceState;
import io.handfast.tx.context.TransactionIdentity;
import java.util.List;

/**
 * What names a branch in SQL (rule T4): comments, {@code handfast.tx}, {@code application_name}.
 * Immutable.
 */
public sealed interface SqlIdentity {

  /** Nothing does. */
  record None() implements SqlIdentity {}

  /** Both ids. */
  record Branch(TransactionIdentity identity) implements SqlIdentity {}

  /**
   * One id, which names a branch only while exactly one of that trace is in flight here.
   *
   * @param traceId 32 lower-case hexadecimal digits
   */
  record Trace(String traceId) implements SqlIdentity {}

  /**
   * Two that differ; neither is taken.
   *
   * @param why for people
   */
  record Ambiguous(String why) implements SqlIdentity {}

  /**
   * Ours, and not as it has to be: nothing is guessed (rule T1).
   *
   * @param why for people
   */
  record Malformed(String why) implements SqlIdentity {}

  SqlIdentity NONE = new None();

  /** Before the traceparent in what Datadog's agent sets {@code application_name} to. */
  String DATADOG = "_DD_";

  /**
   * Of the value of {@code handfast.tx}: {@code <tx-id>-<branch-id>} as in {@code tracestate}, or
   * all of what the header {@code tx-context} or the member of {@code baggage} had. None if empty,
   * as the setting is once its block has ended.
   */
  static SqlIdentity ofSetting(String value) {
    String trimmed = value.strip();
    if (trimmed.isEmpty()) {
      return NONE;
    }
    try {
      if (trimmed.startsWith("00-")) {
        return new Branch(ContextHeader.parseIdentity(List.of(trimmed)));
      }
      TransactionIdentity identity =
          trimmed.indexOf(',') < 0 ? TraceState.find(List.of("hf=" + trimmed)) : null;
      return identity == null
          ? new Malformed("handfast.tx: not one branch (expected: <tx-id>-<branch-id>)")
          : new Branch(identity);
    } catch (MalformedHeaderException e) {
      return new Malformed("handfast.tx: " + e.getMessage());
    }
  }

  /** Of a value of {@code application_name}: a trace, if Datadog's agent set it. */
  static SqlIdentity ofApplicationName(String value) {
    TraceParent parent =
        value.startsWith(DATADOG) ? TraceParent.parse(value.substring(DATADOG.length())) : null;
    return parent == null ? NONE : new Trace(parent.traceId());
  }
}
