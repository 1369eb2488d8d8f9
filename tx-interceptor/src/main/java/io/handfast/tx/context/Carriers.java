package io.handfast.tx.context;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the identity that comes out of an application (rule T4). */
public final class Carriers {
  private Carriers() {}

  /** What carried an identity, best first. */
  public enum Carrier {
    CONTEXT_HEADER,
    TRACESTATE,
    BAGGAGE
  }

  /**
   * An identity, and what it was found in.
   *
   * @param identity as the application was given it; whether that branch is in flight here is
   *     another question (rule T5)
   */
  public record Carried(TransactionIdentity identity, Carrier carrier) {}

  /**
   * The identity in the first carrier that has one, or null if none has. The trace-id is the next
   * best and needs a memory that this has not: see {@link #traceId}.
   *
   * @throws MalformedHeaderException if that carrier is there and cannot be read; the next one is
   *     not tried, for nothing is guessed (rule T1)
   */
  public static @Nullable Carried find(HeaderLookup headers) throws MalformedHeaderException {
    List<String> context = headers.values(OwnHeader.CONTEXT.headerName());
    if (!context.isEmpty()) {
      return new Carried(ContextHeader.parseIdentity(context), Carrier.CONTEXT_HEADER);
    }
    TransactionIdentity traceState = TraceState.find(headers.values(TraceState.NAME));
    if (traceState != null) {
      return new Carried(traceState, Carrier.TRACESTATE);
    }
    TransactionIdentity baggage = Baggage.find(headers.values(Baggage.NAME));
    return baggage == null ? null : new Carried(baggage, Carrier.BAGGAGE);
  }

  /**
   * What a request that names no trace is given, from the given random bits: the trace that its
   * sender's agent names in headers of its own, if it does.
   */
  public static TraceParent newTrace(
      HeaderLookup headers, long random1, long random2, long random3) {
    TraceParent named = DatadogTrace.find(headers, random3 == 0 ? 1 : random3);
    return named == null ? TraceParent.of(random1, random2, random3, false) : named;
  }

  /** The trace-id, if there is exactly one that can be read; else null. */
  public static @Nullable String traceId(HeaderLookup headers) {
    List<String> values = headers.values(TraceParent.NAME);
    TraceParent parent = values.size() == 1 ? TraceParent.parse(values.getFirst()) : null;
    return parent == null ? null : parent.traceId();
  }
}
