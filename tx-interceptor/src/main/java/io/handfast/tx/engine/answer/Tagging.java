package io.handfast.tx.engine.answer;

import io.handfast.tx.context.Baggage;
import io.handfast.tx.context.Carriers;
import io.handfast.tx.context.ContextHeader;
import io.handfast.tx.context.OwnHeader;
import io.handfast.tx.context.TraceParent;
import io.handfast.tx.context.TraceState;
import io.handfast.tx.context.TransactionContext;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The headers that a request gets, or loses, on its way (T4, T6). Pure but for the trace-id. */
public final class Tagging {

  /** The request's own key for answers to repeats, which is of one branch's call. */
  public static final String IDEMPOTENCY_KEY = "idempotency-key";

  /**
   * What the service gets.
   *
   * @param traceId the trace that it is in from now on
   */
  public record Tagged(List<Field> fields, String traceId) {}

  private Tagging() {}

  /** Whether a request has headers that an application may have copied an identity to. */
  public static boolean hasCarriers(Fields headers) {
    return headers.first(TraceState.NAME) != null || headers.first(Baggage.NAME) != null;
  }

  /** What takes a transaction's identity off a request; empty if there is none on it. */
  public static List<Field> stripped(Fields headers) {
    List<String> traceState = headers.values(TraceState.NAME);
    List<String> baggage = headers.values(Baggage.NAME);
    if (traceState.isEmpty() && baggage.isEmpty()) {
      return List.of();
    }
    List<Field> fields = new ArrayList<>(2);
    strip(fields, TraceState.NAME, traceState, TraceState.remove(traceState));
    strip(fields, Baggage.NAME, baggage, Baggage.remove(baggage));
    return fields;
  }

  private static void strip(
      List<Field> fields, String name, List<String> values, @Nullable String left) {
    String without = left == null ? "" : left;
    if (!values.isEmpty() && !String.join(",", values).equals(without)) {
      fields.add(new Field(name, without));
    }
  }

  /** Towards the service: the identity in everything that it may pass on. */
  public static Tagged towardsService(
      Fields headers,
      TransactionIdentity identity,
      boolean ownsIdempotencyKey,
      RandomGenerator random) {
    List<Field> fields = new ArrayList<>(5);
    fields.add(new Field(OwnHeader.CONTEXT.headerName(), identity.write()));
    String traceId = Carriers.traceId(headers);
    if (traceId == null) {
      TraceParent made =
          Carriers.newTrace(headers, random.nextLong(), random.nextLong(), random.nextLong());
      fields.add(new Field(TraceParent.NAME, made.write()));
      traceId = made.traceId();
    }
    fields.add(
        new Field(TraceState.NAME, TraceState.put(headers.values(TraceState.NAME), identity)));
    fields.add(new Field(Baggage.NAME, Baggage.put(headers.values(Baggage.NAME), identity)));
    String key = headers.first(IDEMPOTENCY_KEY);
    if (key != null && ownsIdempotencyKey) {
      fields.add(new Field(IDEMPOTENCY_KEY, key + ":" + identity.branch()));
    }
    return new Tagged(fields, traceId);
  }

  /** Towards a peer: the branch that the call opens, and what its sidecar needs. */
  public static List<Field> towardsPeer(TransactionContext context) {
    return List.of(new Field(OwnHeader.CONTEXT.headerName(), ContextHeader.write(context)));
  }
}
