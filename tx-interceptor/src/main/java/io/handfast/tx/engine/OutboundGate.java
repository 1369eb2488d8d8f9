package io.handfast.tx.engine;

import io.handfast.tx.context.Carriers;
import io.handfast.tx.context.MalformedHeaderException;
import io.handfast.tx.context.OwnHeader;
import io.handfast.tx.context.TraceParent;
import io.handfast.tx.context.TransactionContext;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.answer.Tagging;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.observe.Refusals;
import io.handfast.tx.interceptor.Fields;
import io.handfast.tx.interceptor.OutboundCall;
import io.handfast.tx.interceptor.OutboundExchange;
import io.handfast.tx.interceptor.OutboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.interceptor.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request that the local service sends means. Which branch it belongs to is read off the
 * request on the stream's thread; whether that is in flight is known on the loop only. Thread-safe.
 */
final class OutboundGate {
  private static final OutboundExchange NO_EXCHANGE = new NoExchange();

  private final Wiring wiring;

  OutboundGate(Wiring wiring) {
    this.wiring = wiring;
  }

  /** Whether {@link #outbound} would let it pass as it is, whatever else it says. */
  boolean isOutside(RoutePolicy policy, boolean participant, Fields headers) {
    if (Tagging.hasCarriers(headers)) {
      return false;
    }
    return !participant
        || (policy.propagation() == Propagation.SUPPORTS
            && headers.first(OwnHeader.CONTEXT.headerName()) == null
            && (headers.first(TraceParent.NAME) == null || !wiring.tables().hasParticipants()));
  }

  OutboundExchange outbound(OutboundCall call, OutboundListener listener) {
    if (!call.participant()) {
      listener.pass(Tagging.stripped(call.headers())); // it leaves the mesh (T6)
      return NO_EXCHANGE;
    }
    Carriers.Carried carried;
    try {
      carried = Carriers.find(call.headers());
    } catch (MalformedHeaderException e) {
      listener.refuse(Problems.malformed(String.valueOf(e.getMessage())));
      return NO_EXCHANGE;
    }
    String traceId = carried == null ? Carriers.traceId(call.headers()) : null;
    boolean mayBelong = traceId != null && wiring.tables().hasParticipants();
    if (carried == null && !mayBelong) {
      return withoutContext(call, listener, false);
    }
    OutboundStream stream = new OutboundStream(wiring.loop(), call.trusted());
    TransactionIdentity identity = carried == null ? null : carried.identity();
    wiring.loop().execute(() -> receive(call, identity, traceId, stream, listener));
    return stream;
  }

  private OutboundExchange withoutContext(
      OutboundCall call, OutboundListener listener, boolean ambiguous) {
    if (call.policy().propagation() == Propagation.SUPPORTS) {
      listener.pass(List.of());
      return NO_EXCHANGE;
    }
    wiring.meters().contextMissing();
    String what = call.method() + " to " + call.destination();
    listener.refuse(ambiguous ? Problems.ambiguous(what) : Problems.contextMissing(what));
    return NO_EXCHANGE;
  }

  private void receive(
      OutboundCall call,
      @Nullable TransactionIdentity identity,
      @Nullable String traceId,
      OutboundStream stream,
      OutboundListener listener) {
    wiring.checkLoop();
    BranchKey key =
        identity == null ? byTrace(traceId) : new BranchKey(identity.tx(), identity.branch());
    if (key == null) {
      call.executor().execute(() -> withoutContext(call, listener, true));
      return;
    }
    ParticipantDriver owner = wiring.tables().participant(key);
    if (owner == null) {
      call.executor().execute(() -> listener.refuse(Problems.notInFlight(key)));
      return;
    }
    if (call.upgrade()) {
      call.executor().execute(() -> listener.refuse(Problems.upgrade()));
      return;
    }
    open(call, owner, stream, listener);
  }

  private @Nullable BranchKey byTrace(@Nullable String traceId) {
    return traceId == null
        ? null
        : wiring.tables().traces().find(traceId, wiring.loop().nanoTime());
  }

  private void open(
      OutboundCall call,
      ParticipantDriver owner,
      OutboundStream stream,
      OutboundListener listener) {
    long remainingMs = (owner.effects().deadlineNanos() - wiring.loop().nanoTime()) / 1_000_000;
    if (remainingMs <= 0) {
      wiring.meters().refused(Refusals.Reason.DEADLINE);
      call.executor()
          .execute(
              () -> listener.refuse(Problems.deadline("the transaction's deadline has passed")));
      return;
    }
    BranchId id = BranchId.of(wiring.random().nextLong());
    ParticipantLink link = owner.effects().link();
    TransactionContext context =
        new TransactionContext(
            new TransactionIdentity(owner.branch().tx(), id, false),
            link.decider(),
            wiring.config().authority(),
            Math.min(remainingMs, TransactionContext.MAX_REMAINING_MS),
            owner.branch().protocol());
    CallDriver driver =
        new CallDriver(
            owner, id, Tagging.towardsPeer(context), call, listener, tooMany(owner.branches() + 1));
    owner.addCall(id, driver);
    stream.opened(driver);
    owner.handle(new ParticipantEvent.CallOpened(id, driver.optional()));
  }

  /** Null if the transaction may have as many branches. */
  private @Nullable Problem tooMany(int branches) {
    int max = wiring.config().limits().branches();
    if (branches <= max) {
      return null;
    }
    wiring.meters().refused(Refusals.Reason.MAX_BRANCHES);
    return Problems.limit(ParticipantEffects.tooManyBranches(branches, max));
  }

  /** Of a request that is not in a transaction. */
  private static final class NoExchange implements OutboundExchange {
    @Override
    public void answered(Verdict verdict, List<String> votes) {}

    @Override
    public void failed(String reason, List<String> votes) {}
  }
}
