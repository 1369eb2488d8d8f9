package io.handfast.tx.engine;

import io.handfast.tx.context.ContextHeader;
import io.handfast.tx.context.MalformedHeaderException;
import io.handfast.tx.context.OwnHeader;
import io.handfast.tx.context.TransactionContext;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.answer.Answers;
import io.handfast.tx.engine.answer.Caller;
import io.handfast.tx.engine.answer.Opening;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.answer.Tagging;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.observe.Refusals;
import io.handfast.tx.interceptor.AnswerHolding;
import io.handfast.tx.interceptor.Fields;
import io.handfast.tx.interceptor.InboundCall;
import io.handfast.tx.interceptor.InboundExchange;
import io.handfast.tx.interceptor.InboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.resource.ReadOnlyResource;
import io.handfast.tx.resource.Resource;
import io.handfast.tx.resource.TryFacts;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request that arrives for the local service means: decided on the stream's thread, from the
 * request alone; what needs a machine goes to the engine's loop. Thread-safe.
 */
final class InboundGate {
  private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
  private static final InboundExchange NO_EXCHANGE = new NoExchange();

  /** Its outcome could be anybody's (T20). */
  private static final String NOBODY_NAMED =
      "tx-context: no i=<identity> (expected: whom the decider's certificate names; control_trust"
          + " is MTLS here, and has to be at the coordinator)";

  private final Wiring wiring;
  private final Reception reception;

  InboundGate(Wiring wiring, Reception reception) {
    this.wiring = wiring;
    this.reception = reception;
  }

  /** Whether {@link #inbound} would let it pass as it is, whatever else it says. */
  boolean isOutside(RoutePolicy policy, boolean trusted, Fields headers) {
    return policy.propagation() == RoutePolicy.Propagation.SUPPORTS
        && policy.boundary() == null
        && (!trusted || headers.first(OwnHeader.CONTEXT.headerName()) == null)
        && !Tagging.hasCarriers(headers);
  }

  InboundExchange inbound(InboundCall call, InboundListener listener) {
    List<String> values = call.headers().values(OwnHeader.CONTEXT.headerName());
    if (values.isEmpty() || !call.trusted()) {
      return withoutContext(call, listener);
    }
    TransactionContext context;
    try {
      context = ContextHeader.parse(values);
    } catch (MalformedHeaderException e) {
      return refuse(listener, Problems.malformed(String.valueOf(e.getMessage())));
    }
    if (context.decider().identity() == null && wiring.config().identity().get().isPresent()) {
      return refuse(listener, Problems.malformed(NOBODY_NAMED));
    }
    return join(call, listener, context);
  }

  private InboundExchange withoutContext(InboundCall call, InboundListener listener) {
    RoutePolicy policy = call.policy();
    RoutePolicy.Boundary boundary = policy.boundary();
    return switch (policy.propagation()) {
      case SUPPORTS -> {
        listener.pass(Tagging.stripped(call.headers()));
        yield NO_EXCHANGE;
      }
      case MANDATORY -> contextMissing(call, listener);
      case REQUIRED ->
          boundary == null ? contextMissing(call, listener) : begin(call, listener, boundary);
    };
  }

  private InboundExchange contextMissing(InboundCall call, InboundListener listener) {
    wiring.meters().contextMissing();
    return refuse(listener, Problems.contextMissing(call.method() + " " + path(call)));
  }

  private InboundExchange begin(
      InboundCall call, InboundListener listener, RoutePolicy.Boundary boundary) {
    if (call.upgrade()) {
      return refuse(listener, Problems.upgrade());
    }
    if (!boundary.allowIdempotencyKey() && call.headers().first(Tagging.IDEMPOTENCY_KEY) != null) {
      return refuse(listener, Problems.idempotencyKey());
    }
    long remainingMs = remainingMs(call, boundary);
    if (remainingMs <= 0) {
      return late(listener, "the request came when its deadline had passed");
    }
    TxId tx =
        TxId.of(
            wiring.loop().epochMillis(), wiring.random().nextLong(), wiring.random().nextLong());
    TransactionIdentity identity =
        new TransactionIdentity(tx, BranchId.of(wiring.random().nextLong()), false);
    TransactionContext own =
        new TransactionContext(
            identity,
            new Decider(
                wiring.storeId(),
                wiring.config().decider().orElse(wiring.config().authority()),
                wiring.config().identity().get().orElse(null)),
            wiring.config().authority(),
            remainingMs,
            boundary.protocol());
    return open(call, listener, own, boundary);
  }

  /** Nobody is there to be told of an outcome that comes after the caller's own deadline. */
  private static long remainingMs(InboundCall call, RoutePolicy.Boundary boundary) {
    Duration timeout = boundary.timeout();
    return call.callerWaits().filter(it -> it.compareTo(timeout) < 0).orElse(timeout).toMillis();
  }

  private InboundExchange join(
      InboundCall call, InboundListener listener, TransactionContext context) {
    if (call.upgrade()) {
      return refuse(listener, Problems.upgrade());
    }
    if (context.remainingMs() == 0) {
      return late(listener, "the call arrived after the deadline");
    }
    return open(call, listener, context, null);
  }

  private InboundExchange late(InboundListener listener, String detail) {
    wiring.meters().refused(Refusals.Reason.DEADLINE);
    return refuse(listener, Problems.deadline(detail));
  }

  private InboundExchange open(
      InboundCall call,
      InboundListener listener,
      TransactionContext context,
      RoutePolicy.@Nullable Boundary boundary) {
    if (context.protocol() != Protocol.TWO_PHASE && wiring.shared().isShared()) {
      return refuse(listener, Problems.protocol(context.protocol().token()));
    }
    Resource resource = resource(call);
    if (resource == null) {
      return refuse(listener, Problems.noParticipant(call.method()));
    }
    TryFacts facts = facts(call, context.identity());
    Resource.Begin begin = resource.begin(facts);
    if (begin instanceof Resource.NotBegun no) {
      return refuse(listener, Problems.tryRefused(no.reason()));
    }
    Branch branch = branch(context, resource, begin, boundary != null);
    Tagging.Tagged tagged =
        Tagging.towardsService(
            call.headers(), context.identity(), branch.isUpdating(), wiring.random());
    long remainingMs = Math.min(context.remainingMs(), wiring.config().limits().time().toMillis());
    Opening opening =
        new Opening(
            call.route(),
            branch,
            context.decider(),
            boundary == null ? context.caller() : null,
            wiring.loop().nanoTime() + remainingMs * 1_000_000,
            remainingMs,
            call.tryTimeout().toNanos(),
            wiring.loop().nanoTime() + waits(call).toNanos(),
            resource,
            begin,
            facts,
            tagged.traceId(),
            tagged.fields(),
            boundary == null
                ? new AnswerHolding(
                    Bounds.MAX_STORED_ANSWER, branch.isUpdating() && resource.needsAnswer(), false)
                : new AnswerHolding(boundary.maxHeldResponse(), true, true));
    InboundStream stream = new InboundStream(wiring.loop(), new Caller(call.executor(), listener));
    wiring.loop().execute(() -> reception.receive(opening, boundary, stream));
    return stream;
  }

  /** The longest that an answer can be waited for: nobody is told of one that comes later. */
  private static Duration waits(InboundCall call) {
    return call.callerWaits()
        .filter(it -> it.compareTo(call.tryTimeout()) < 0)
        .orElse(call.tryTimeout());
  }

  /** Without a participant, a call that changes nothing is a branch all the same. */
  private static @Nullable Resource resource(InboundCall call) {
    Resource configured = call.policy().resource();
    if (configured != null) {
      return configured;
    }
    return SAFE_METHODS.contains(call.method()) ? ReadOnlyResource.INSTANCE : null;
  }

  private Branch branch(
      TransactionContext context, Resource resource, Resource.Begin begin, boolean root) {
    TransactionIdentity identity = context.identity();
    // A branch that votes ask by its protocol has promised nothing by BEGUN: a record follows.
    boolean mayDecide = context.protocol() != Protocol.TWO_PHASE;
    Branch.Durability durability =
        begin instanceof Resource.Began began
            ? durability(resource.overlapped(), began.complete() && !mayDecide)
            : Branch.Durability.READ_ONLY;
    return new Branch(
        identity.tx(),
        identity.branch(),
        wiring.config().authority(),
        wiring.storeId(),
        wiring.config().service(),
        resource.mode(),
        durability,
        root,
        resource.prepares(),
        context.protocol());
  }

  private static Branch.Durability durability(boolean overlapped, boolean complete) {
    if (overlapped) {
      return complete ? Branch.Durability.OVERLAPPED_COMPLETE : Branch.Durability.OVERLAPPED;
    }
    return complete ? Branch.Durability.FORCED_COMPLETE : Branch.Durability.FORCED;
  }

  private static TryFacts facts(InboundCall call, TransactionIdentity identity) {
    String path = path(call);
    return new TryFacts(
        identity.tx().toString(),
        identity.branch().toString(),
        path,
        path.length() == call.path().length() ? "" : call.path().substring(path.length() + 1),
        call.headers()::first,
        Answers.json(call.body()),
        null);
  }

  private static String path(InboundCall call) {
    int query = call.path().indexOf('?');
    return query < 0 ? call.path() : call.path().substring(0, query);
  }

  private static InboundExchange refuse(InboundListener listener, Problem problem) {
    listener.refuse(problem);
    return NO_EXCHANGE;
  }

  /** Of a request that is not in a transaction, or not any more. */
  private static final class NoExchange implements InboundExchange {
    @Override
    public void answerStarted() {}

    @Override
    public void answered(StoredAnswer answer) {}

    @Override
    public void tooLarge(long limitBytes) {}

    @Override
    public void broken(Problem problem) {}

    @Override
    public void lost(String reason, boolean neverSent) {}

    @Override
    public void callerGone() {}
  }
}
