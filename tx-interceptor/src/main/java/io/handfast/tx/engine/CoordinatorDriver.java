package io.handfast.tx.engine;

import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.PreCommit;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TransactionEnded;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.IllegalTransitionException;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.coordinator.CoordinatorCore;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.TimerKind;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.StoreIdentity;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Need;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the machine of one transaction at its coordinator: the only place where its state changes.
 * Confined to the engine's loop.
 */
final class CoordinatorDriver {
  private static final Logger log = LoggerFactory.getLogger(CoordinatorDriver.class);

  private record TimerKey(TimerKind kind, @Nullable ParticipantKey participant) {}

  private final Wiring wiring;
  private final TxId tx;
  private final StoreId decider;
  private final ClientAnswer client;
  private final Story story;
  private final long deadlineNanos;
  private final long completionWaitNanos;
  private final Map<TimerKey, EngineLoop.Timer> timers = new HashMap<>();
  private final long incarnation;
  private final CoordinatorSender sender;
  private CoordinatorState state;
  private List<BranchVote> votes = List.of();
  private boolean abortStands;
  private boolean over;
  private long enteredNanos;

  CoordinatorDriver(
      Wiring wiring, TxId tx, ClientAnswer client, long deadlineNanos, long completionWaitNanos) {
    this(wiring, tx, wiring.storeId(), client, deadlineNanos, completionWaitNanos);
  }

  /** Of a decision that a restart found. */
  static CoordinatorDriver recovered(Wiring wiring, TxId tx, StoreId decider) {
    return new CoordinatorDriver(
        wiring, tx, decider, new ClientAnswer(wiring, tx, null, null), 0, 0);
  }

  private CoordinatorDriver(
      Wiring wiring,
      TxId tx,
      StoreId decider,
      ClientAnswer client,
      long deadlineNanos,
      long completionWaitNanos) {
    this.wiring = wiring;
    this.tx = tx;
    this.decider = decider;
    this.client = client;
    this.deadlineNanos = deadlineNanos;
    this.completionWaitNanos = completionWaitNanos;
    this.incarnation = wiring.shared().incarnation();
    this.sender = new CoordinatorSender(wiring, tx, decider, this::handle);
    this.state = new CoordinatorState.New(tx);
    this.story = wiring.history().join(tx, wiring.loop().epochMillis());
    story.coordinatedHere(wiring.config().authority().toString());
  }

  CoordinatorState state() {
    return state;
  }

  /** For whoever asks. */
  StoreIdentity.Held held() {
    return new StoreIdentity.Held(decider, state);
  }

  /** Somebody has committed what is prepared under a handle, in the place of who voted (T16). */
  void carriedOut(BranchId branch, String handle, String service) {
    if (!(state instanceof CoordinatorState.Committing s) || handle.isEmpty()) {
      return;
    }
    s.deliveries()
        .owed()
        .forEach((key, delivery) -> {
          BranchVote owed = delivery.branch();
          if (owed.branch().equals(branch)
              && Decided.samePrepared(owed.handle(), handle)
              && owed.service().equals(service)
              && delivery.outcome() == Outcome.COMMIT) {
            handle(new CoordinatorEvent.Acknowledged(key, Acknowledgement.DONE, ""));
          }
        });
  }

  void clientGone() {
    handle(new CoordinatorEvent.ClientGone());
  }

  void handle(CoordinatorEvent event) {
    wiring.checkLoop();
    wiring.mailbox().post(() -> step(event));
  }

  private void step(CoordinatorEvent event) {
    if (over) {
      return; // late
    }
    CoordinatorState before = state;
    Transition<CoordinatorState, CoordinatorEffect> transition;
    try {
      transition = CoordinatorCore.step(before, event);
    } catch (IllegalTransitionException bug) {
      failClosed(bug);
      return;
    }
    state = transition.next();
    if (event instanceof CoordinatorEvent.RootClosed closed) {
      client.voted(closed.votes());
    } else if (event instanceof CoordinatorEvent.Doomed doomed) {
      client.voted(doomed.votes());
    } else if (event instanceof CoordinatorEvent.ClientGone) {
      client.gone();
    }
    hear(event);
    client.reached(state);
    observe(before, event);
    for (CoordinatorEffect effect : transition.effects()) {
      perform(effect);
    }
  }

  /** Votes are kept for operators: of a transaction that is doomed some come before the others. */
  private void hear(CoordinatorEvent event) {
    switch (event) {
      case CoordinatorEvent.RootClosed e -> hear(e.votes());
      case CoordinatorEvent.Doomed e -> hear(e.votes());
      case CoordinatorEvent.Struck e -> hear(e.votes());
      case CoordinatorEvent.Recovered e -> hear(e.branches());
      case CoordinatorEvent.RecoveredPreCommit e -> hear(e.branches());
      default -> {}
    }
  }

  private void hear(List<BranchVote> cast) {
    if (votes.isEmpty()) {
      votes = cast;
      return;
    }
    Map<BranchId, BranchVote> all = new LinkedHashMap<>();
    votes.forEach(vote -> all.put(vote.branch(), vote));
    cast.forEach(vote -> all.put(vote.branch(), vote));
    votes = List.copyOf(all.values());
  }

  private void observe(CoordinatorState before, CoordinatorEvent event) {
    String name = Names.ofState(state);
    story.add(wiring.loop().epochMillis(), "", Names.note(event), name);
    story.state(name);
    boolean wasInDoubt = before instanceof CoordinatorState.InDoubt;
    boolean isInDoubt = state instanceof CoordinatorState.InDoubt;
    if (!wasInDoubt && isInDoubt) {
      wiring.meters().inDoubt(this, wiring.loop().epochMillis());
    } else if (wasInDoubt && !isInDoubt) {
      wiring.meters().outOfDoubt(this);
    }
    if (before.getClass() != state.getClass()) {
      long now = wiring.loop().nanoTime();
      if (!(before instanceof CoordinatorState.New)) {
        wiring.meters().phase(Names.ofState(before), now - enteredNanos);
      }
      enteredNanos = now;
    }
    switch (state) {
      case CoordinatorState.Committing _ -> story.outcome(Problems.COMMITTED);
      case CoordinatorState.Aborting _ -> story.outcome(Problems.ABORTED);
      case CoordinatorState.Ended s ->
          story.outcome(
              switch (s.result()) {
                case COMMITTED -> Problems.COMMITTED;
                case ABORTED -> Problems.ABORTED;
                case UNKNOWN -> Problems.UNKNOWN;
              });
      case CoordinatorState.New _,
          CoordinatorState.Active _,
          CoordinatorState.Asking _,
          CoordinatorState.Delegating _,
          CoordinatorState.Deciding _,
          CoordinatorState.InDoubt _,
          CoordinatorState.ThreePhase _ -> {}
    }
    if (log.isDebugEnabled()) {
      log.atDebug()
          .addKeyValue("txId", tx)
          .log("transaction: {} -> {}: {}", Names.ofState(before), name, Names.of(event));
    }
  }

  private void failClosed(IllegalTransitionException bug) {
    wiring.meters().illegalTransition();
    story.add(wiring.loop().epochMillis(), "", "illegal event", Names.ofState(state));
    log.atError()
        .addKeyValue("txId", tx)
        .setCause(bug)
        .log("transaction: {}; history: {}", bug.getMessage(), story.timeline());
    client.bug();
  }

  private void perform(CoordinatorEffect effect) {
    switch (effect) {
      case CoordinatorEffect.ForceDecision e -> forceDecision(e);
      case CoordinatorEffect.Resolve _ -> wiring.shared().resolve(tx, incarnation, this::handle);
      case CoordinatorEffect.SendOutcome e -> sender.outcome(e);
      case CoordinatorEffect.SendPrepare e -> sender.prepare(e);
      case CoordinatorEffect.SendDelegation e -> sender.delegate(e);
      case CoordinatorEffect.ReleaseResponse _ -> client.committed();
      case CoordinatorEffect.AnswerFailure e -> {
        story.detail(e.blame() == null ? e.detail() : e.blame().reason());
        client.failed(e);
      }
      case CoordinatorEffect.WriteEnded e -> writeEnded(e.hazard());
      case CoordinatorEffect.StartTimer e -> start(new TimerKey(e.kind(), e.participant()), e);
      case CoordinatorEffect.CancelTimer e -> cancel(new TimerKey(e.kind(), e.participant()));
      case CoordinatorEffect.ReportHazard e -> hazard(e);
      case CoordinatorEffect.SendCanCommit e -> sender.canCommit(e);
      case CoordinatorEffect.ForcePreCommit e -> forcePreCommit(e);
      case CoordinatorEffect.AskStanding e -> sender.stand(e);
      case CoordinatorEffect.Forget _ -> forget();
    }
  }

  private void forceDecision(CoordinatorEffect.ForceDecision effect) {
    Decision.Builder decision =
        Decision.newBuilder()
            .setTxId(Messages.bytes(tx))
            .setIncarnation(incarnation)
            .setService(wiring.shared().isShared() ? wiring.config().service() : "");
    effect.branches().forEach(branch -> decision.addBranches(Messages.decided(branch)));
    ParticipantDriver root = client.root();
    if (effect.recordRides() && root != null) {
      decision.setOwn(root.effects().records().prepared());
    }
    ForcePoints.beforeDecision(tx);
    wiring
        .writer()
        .write(
            Record.newBuilder().setDecision(decision),
            Durability.FORCED,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {
                ForcePoints.afterDecision(tx);
                handle(new CoordinatorEvent.DecisionDurable());
              }

              @Override
              public void refused(String reason) {
                handle(new CoordinatorEvent.DecisionRefused(reason));
              }

              @Override
              public void lost(String reason) {
                abortStands = true; // and the COMMIT that lost to it is answered
                handle(new CoordinatorEvent.DecisionLost(reason));
              }

              @Override
              public void inDoubt(String reason) {
                handle(new CoordinatorEvent.DecisionFailed(reason, wiring.shared().isShared()));
              }
            });
  }

  /** THREE_PHASE: that all have promised. */
  private void forcePreCommit(CoordinatorEffect.ForcePreCommit effect) {
    PreCommit.Builder preCommit = PreCommit.newBuilder().setTxId(Messages.bytes(tx));
    effect.branches().forEach(branch -> preCommit.addBranches(Messages.decided(branch)));
    ForcePoints.beforePreCommit(tx);
    wiring
        .writer()
        .write(
            Record.newBuilder().setPreCommit(preCommit),
            Durability.FORCED,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {
                ForcePoints.afterPreCommit(tx);
                handle(new CoordinatorEvent.PreCommitDurable());
              }

              @Override
              public void refused(String reason) {
                handle(new CoordinatorEvent.PreCommitFailed(reason));
              }

              @Override
              public void inDoubt(String reason) {
                handle(new CoordinatorEvent.PreCommitFailed(reason));
              }
            });
  }

  private void writeEnded(boolean hazard) {
    wiring
        .writer()
        .write(
            Record.newBuilder()
                .setEnded(
                    TransactionEnded.newBuilder().setTxId(Messages.bytes(tx)).setHazard(hazard)),
            Durability.LAZY,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {}

              @Override
              public void refused(String reason) {
                unrecorded(reason);
              }

              @Override
              public void inDoubt(String reason) {
                unrecorded(reason);
              }
            });
  }

  /** A restart finds the decision and tells it again: nothing is lost. */
  private void unrecorded(String reason) {
    log.atWarn().addKeyValue("txId", tx).log("transaction: its end was not recorded: {}", reason);
  }

  private void start(TimerKey key, CoordinatorEffect.StartTimer effect) {
    cancel(key);
    long delay =
        switch (effect.kind()) {
          case DEADLINE -> deadlineNanos - wiring.loop().nanoTime();
          case COMPLETION_WAIT -> completionWaitNanos;
          case REDELIVER, RESOLVE -> wiring.backoff().nanos(effect.attempt());
          case ABORT_DELIVERY -> Bounds.ABORT_DELIVERY.toNanos();
        };
    timers.put(
        key,
        wiring
            .loop()
            .schedule(
                delay,
                () -> {
                  timers.remove(key);
                  if (key.kind() == TimerKind.DEADLINE && client.root() != null) {
                    client.root().calls().late();
                  }
                  handle(new CoordinatorEvent.TimerFired(key.kind(), key.participant()));
                }));
  }

  private void cancel(TimerKey key) {
    EngineLoop.Timer timer = timers.remove(key);
    if (timer != null) {
      timer.cancel();
    }
  }

  private void hazard(CoordinatorEffect.ReportHazard effect) {
    wiring.meters().heuristic(EngineMeters.Heuristic.HAZARD);
    story.detail("hazard: " + effect.detail());
    log.atError()
        .addKeyValue("txId", tx)
        .addKeyValue("branchId", effect.participant().branch())
        .addKeyValue("peer", effect.participant().participant())
        .log("transaction: heuristic hazard: {}", effect.detail());
  }

  private void forget() {
    if (abortStands) {
      writeEnded(false);
    }
    timers.values().forEach(EngineLoop.Timer::cancel);
    timers.clear();
    leave();
    letRootAsk();
    ForcePoints.afterForgotten(tx);
  }

  /** Committed, its client answered, and somebody does not acknowledge. */
  boolean isOnlyOwing() {
    return state instanceof CoordinatorState.Committing s && s.recorded() && s.responded();
  }

  /** As it is kept for whoever asks: who committed. */
  Decision decision() {
    if (!(state instanceof CoordinatorState.Committing s)) {
      throw new IllegalStateException("decision: " + tx + " has none");
    }
    Decision.Builder decision = Decision.newBuilder().setTxId(Messages.bytes(tx));
    if (!decider.equals(wiring.storeId())) {
      decision.setDecider(decider.value());
    }
    for (Decided one : s.decided()) {
      decision.addBranches(
          DecidedBranch.newBuilder()
              .setBranchId(one.key().branch().bits())
              .setParticipant(one.key().participant().toString())
              .setHandle(one.handle()));
    }
    return decision.build();
  }

  /** An operator gives it up: nobody is told any more, and who asks is answered. */
  void giveUp() {
    if (!isOnlyOwing()) {
      return; // it has ended meanwhile
    }
    wiring.tables().givenUp().put(tx, held());
    story.add(wiring.loop().epochMillis(), "", "forgotten by an operator", "ended");
    story.state("ended");
    log.atDebug()
        .addKeyValue("txId", tx)
        .log("transaction: {} -> ended: forgotten by an operator", Names.ofState(state));
    timers.values().forEach(EngineLoop.Timer::cancel);
    timers.clear();
    leave();
    over = true;
  }

  /** What was known of branches elsewhere is shown as long as the transaction is. */
  private void leave() {
    ParticipantDriver root = client.root();
    BranchId here = root == null ? null : root.branch().id();
    List<BranchVote> cast = votes;
    CoordinatorState last = state;
    story.elsewhere(() -> Elsewhere.atTheEnd(cast, last, here, Bounds.MAX_ENDED_BRANCHES));
    wiring.tables().remove(tx, this);
    wiring.history().leave(story, wiring.loop().epochMillis());
  }

  /** Whom it waits for, in words. */
  List<String> awaited() {
    return WhoWaits.of(state, client.root());
  }

  /** What has been voted, as far as the boundary's branch has said so, or a record. */
  List<BranchVote> votes() {
    return votes;
  }

  /** The boundary's own branch waits to be told: where nobody can any more, it asks the store. */
  private void letRootAsk() {
    ParticipantDriver root = client.root();
    if (wiring.shared().isShared()
        && root != null
        && root.state() instanceof ParticipantState.Prepared) {
      root.handle(
          new ParticipantEvent.TimerFired(io.handfast.tx.core.participant.TimerKind.DEADLINE));
    }
  }
}
