package io.handfast.tx.engine;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.RootAnswer;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.engine.answer.Answers;
import io.handfast.tx.engine.answer.BranchAnswers;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.answer.RidingVotes;
import io.handfast.tx.engine.answer.Told;
import io.handfast.tx.engine.answer.Waiters;
import io.handfast.tx.engine.base.BranchRecords;
import io.handfast.tx.engine.base.OwnDecision;
import io.handfast.tx.engine.base.Promise;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.engine.observe.Refusals;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.resource.Resource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out what the machine of one branch asks for. Confined to the engine's loop. */
final class ParticipantEffects {
  private static final Logger log = LoggerFactory.getLogger(ParticipantEffects.class);

  private final Wiring wiring;
  private final ParticipantDriver driver;
  private final ParticipantLink link;
  private final BranchAnswers answers;
  private final BranchStore store;
  private final VoteSender votes;
  private final MemberLink members;
  private final RidingVotes riding;
  private final Departure departure;
  private final Waiters<Told> acknowledgements;
  private final Waiters<Promise> promises;
  private final Waiters<OwnDecision> decisions;
  private final Map<TimerKind, EngineLoop.Timer> timers = new EnumMap<>(TimerKind.class);
  private Consumer<@Nullable String> resolving = refusal -> {};
  private boolean tellsCarriedOut;

  ParticipantEffects(
      Wiring wiring, ParticipantDriver driver, ParticipantLink link, BranchAnswers answers) {
    this.wiring = wiring;
    this.driver = driver;
    this.link = link;
    this.answers = answers;
    this.store = new BranchStore(wiring, driver, link);
    this.votes = new VoteSender(wiring, driver, link);
    this.members = new MemberLink(wiring, driver, link, store);
    this.riding = new RidingVotes(driver.branch().id());
    this.departure = new Departure(wiring, driver, link, answers, store, this::hazard);
    this.acknowledgements = new Waiters<>(wiring.loop(), Told.WORKING);
    this.promises = new Waiters<>(wiring.loop(), Promise.WORKING);
    this.decisions = new Waiters<>(wiring.loop(), OwnDecision.WORKING);
  }

  Waiters<Told> acknowledgements() {
    return acknowledgements;
  }

  MemberLink members() {
    return members;
  }

  Waiters<OwnDecision> decisions() {
    return decisions;
  }

  Waiters<Promise> promises() {
    return promises;
  }

  /** Who is told what becomes of an operator's decision. */
  void resolving(Consumer<@Nullable String> reply) {
    resolving = reply;
  }

  BranchRecords records() {
    return link.records();
  }

  long deadlineNanos() {
    return link.deadlineNanos();
  }

  long remainingMs() {
    return (link.deadlineNanos() - wiring.loop().nanoTime()) / 1_000_000;
  }

  /** It was found prepared, so another may have voted for it, and is told its outcome for ever. */
  void tellWhenCarriedOut() {
    tellsCarriedOut = true;
  }

  /** COMMIT of what is prepared is carried out. */
  void carriedOut() {
    if (tellsCarriedOut) {
      new CarriedOut(wiring, driver, link.handle()).tell();
    }
  }

  ParticipantLink link() {
    return link;
  }

  /** Fills the completions that need the answer; null, or what is wrong. */
  @Nullable Problem complete(StoredAnswer answer) {
    Branch branch = driver.branch();
    Resource resource = link.resource();
    if (!branch.isUpdating()
        || resource == null
        || !resource.needsAnswer()
        || link.facts() == null) {
      return null;
    }
    String missing = Answers.complete(resource, link.facts(), link.records(), answer);
    if (missing != null) {
      return Problems.internal(missing);
    }
    long bytes = link.records().bytes();
    String tooMuch = Reception.tooMuch(wiring, driver.story(), bytes - driver.held());
    driver.holds(bytes);
    if (tooMuch == null) {
      return null;
    }
    wiring.meters().refused(Refusals.Reason.MAX_BYTES);
    return Problems.limit(tooMuch);
  }

  void perform(ParticipantEffect effect) {
    switch (effect) {
      case ParticipantEffect.ForceBegun _, ParticipantEffect.WriteBegun _ -> store.writeBegun();
      case ParticipantEffect.ForceRecord _ -> store.writeRecord();
      case ParticipantEffect.WriteEnd e -> store.writeEnd(e);
      case ParticipantEffect.Prepare _ -> store.prepare();
      case ParticipantEffect.AnswerPrepare e -> promise(e);
      case ParticipantEffect.ForceOwnDecision _ -> store.writeDecision();
      case ParticipantEffect.ForceResolution e -> store.writeResolution(e.outcome(), resolving);
      case ParticipantEffect.AnswerDelegation e -> decided(e);
      case ParticipantEffect.Confirm e -> store.confirm(e.attempt());
      case ParticipantEffect.Cancel e -> store.cancel(e.answered(), e.attempt());
      case ParticipantEffect.Inquire e -> votes.inquire(e.mayAbort());
      case ParticipantEffect.ForwardRequest _ -> answers.forward();
      case ParticipantEffect.RefuseRequest e -> answers.fail(refusal(e));
      case ParticipantEffect.ReleaseHead _ -> answers.caller().releaseHead();
      case ParticipantEffect.ReleaseAnswer e -> release(e);
      case ParticipantEffect.SendVotes e -> {
        driver.voted(e.votes());
        riding.said(e.votes());
        answers.addToReplay(RidingVotes.field(e.votes()));
        votes.send(e.votes(), true);
      }
      case ParticipantEffect.SendStruck e -> votes.send(e.votes(), false);
      case ParticipantEffect.AdmitCall e -> call(e.call()).admit();
      case ParticipantEffect.RefuseCall e -> call(e.call()).refuse(e.reason());
      case ParticipantEffect.ReleaseCall e -> call(e.call()).release(e.refused());
      case ParticipantEffect.CloseRoot e -> {
        driver.voted(e.votes());
        coordinate(new CoordinatorEvent.RootClosed(e.votes(), word(e), e.recordRides()));
      }
      case ParticipantEffect.DoomTransaction e -> {
        driver.voted(e.votes());
        coordinate(new CoordinatorEvent.Doomed(e.votes(), e.blame()));
      }
      case ParticipantEffect.StrikeAtRoot e -> coordinate(new CoordinatorEvent.Struck(e.votes()));
      case ParticipantEffect.Acknowledge e -> acknowledge(e);
      case ParticipantEffect.StartTimer e -> start(e.kind(), e.attempt());
      case ParticipantEffect.CancelTimer e -> cancel(e.kind());
      case ParticipantEffect.ReportHazard e -> hazard(e.detail());
      case ParticipantEffect.ThreePhase e -> members.perform(e);
      case ParticipantEffect.Forget _ -> forget();
    }
  }

  private static Problem refusal(ParticipantEffect.RefuseRequest refuse) {
    return switch (refuse.refusal()) {
      case CONFLICT -> Problems.conflict(refuse.reason());
      case STORE_FAILED -> Problems.unavailable(refuse.reason());
      case DEADLINE -> Problems.deadline(refuse.reason());
    };
  }

  private OpenCall call(BranchId id) {
    OpenCall call = driver.call(id);
    if (call == null) {
      throw new IllegalStateException("call: " + id + " of " + driver.key() + " has no driver");
    }
    return call;
  }

  /** Votes ride with the answer where they fit, else they follow as a message (T8). */
  private void release(ParticipantEffect.ReleaseAnswer effect) {
    driver.voted(effect.votes());
    List<Field> fields = RidingVotes.field(effect.votes());
    boolean ride = false;
    switch (effect.release()) {
      case PASS -> {
        ride = !fields.isEmpty() && answers.takesFields() && !answers.caller().isOver();
        answers.release(ride ? fields : List.of());
        answers.addToReplay(fields);
      }
      case CONFLICT -> {
        ride = !fields.isEmpty() && !answers.caller().isOver();
        Problem problem = Problems.conflict(riding.why(effect.reason()));
        answers.fail(Problems.with(problem, riding.orSaid(fields)));
      }
      case DEADLINE -> {
        ride = !fields.isEmpty() && !answers.caller().isOver();
        answers.fail(Problems.with(Problems.deadline(effect.reason()), riding.orSaid(fields)));
      }
      case RESET -> answers.reset(effect.reason());
    }
    if (!ride && !effect.votes().isEmpty()) {
      votes.send(effect.votes(), true);
    }
  }

  private RootAnswer word(ParticipantEffect.CloseRoot closed) {
    return switch (closed.answer()) {
      case SUCCESS -> fits(closed.votes()) ? RootAnswer.SUCCESS : RootAnswer.ERROR;
      case REFUSED, FAILED -> RootAnswer.ERROR;
      case LOST -> RootAnswer.LOST;
      case NOT_SENT -> RootAnswer.NOT_SENT;
    };
  }

  /** Below the root more branches may have been opened than were known there in time. */
  private boolean fits(List<BranchVote> votes) {
    int max = wiring.config().limits().branches();
    if (votes.size() <= max) {
      return true;
    }
    int branches = 0;
    for (BranchVote cast : votes) {
      branches += cast.vote() == Vote.STRUCK ? 0 : 1;
    }
    if (branches <= max) {
      return true;
    }
    wiring.meters().refused(Refusals.Reason.MAX_BRANCHES);
    answers.caller().answerInstead(Problems.limit(tooManyBranches(branches, max)));
    return false;
  }

  static String tooManyBranches(int branches, int max) {
    return "max_branches: the transaction would have %d (expected: at most %d)"
        .formatted(branches, max);
  }

  private void coordinate(CoordinatorEvent event) {
    CoordinatorDriver coordinator = wiring.tables().coordinator(driver.branch().tx());
    if (coordinator != null) {
      coordinator.handle(event);
    }
  }

  private void acknowledge(ParticipantEffect.Acknowledge effect) {
    Branch branch = driver.branch();
    // A contradiction is answered in any state, and acknowledges nothing that was done.
    boolean carriedOut = driver.state() instanceof ParticipantState.Ended;
    if (carriedOut) {
      ForcePoints.beforeAcknowledgement(branch.tx(), branch.id());
    }
    acknowledgements.answer(new Told(effect.acknowledgement(), effect.detail()));
    if (branch.root()) {
      coordinate(
          new CoordinatorEvent.Acknowledged(
              branch.key(), effect.acknowledgement(), effect.detail()));
    }
    if (carriedOut) {
      ForcePoints.afterAcknowledgement(branch.tx(), branch.id());
    }
  }

  private void promise(ParticipantEffect.AnswerPrepare effect) {
    Branch branch = driver.branch();
    promises.answer(new Promise(effect.vote(), effect.reason()));
    if (branch.root()) {
      coordinate(
          new CoordinatorEvent.PrepareAnswered(branch.key(), effect.vote(), effect.reason()));
    }
  }

  private void decided(ParticipantEffect.AnswerDelegation effect) {
    Branch branch = driver.branch();
    decisions.answer(new OwnDecision(effect.answer(), effect.reason()));
    if (branch.root()) {
      coordinate(
          new CoordinatorEvent.DelegationAnswered(branch.key(), effect.answer(), effect.reason()));
    }
  }

  private void start(TimerKind kind, int attempt) {
    cancel(kind);
    long delay =
        switch (kind) {
          case DEADLINE -> link.deadlineNanos() - wiring.loop().nanoTime();
          case TRY_TIMEOUT -> link.tryTimeoutNanos();
          case INQUIRY, RETRY -> wiring.backoff().nanos(attempt);
        };
    timers.put(
        kind,
        wiring
            .loop()
            .schedule(
                delay,
                () -> {
                  timers.remove(kind);
                  if (kind == TimerKind.DEADLINE) {
                    driver.late();
                  }
                  driver.handle(new ParticipantEvent.TimerFired(kind));
                }));
  }

  private void cancel(TimerKind kind) {
    EngineLoop.Timer timer = timers.remove(kind);
    if (timer != null) {
      timer.cancel();
    }
  }

  private void hazard(String detail) {
    wiring.meters().heuristic(EngineMeters.Heuristic.HAZARD);
    driver.story().detail("hazard: " + detail);
    log.atError()
        .addKeyValue("txId", driver.branch().tx())
        .addKeyValue("branchId", driver.branch().id())
        .log("branch: heuristic hazard: {}", detail);
  }

  /** Of a branch that another sidecar has taken over. */
  void abandon() {
    cancelTimers();
    departure.abandon();
  }

  /** Another sidecar has its outcome, or had it: shown here no more. */
  void leave(String why) {
    cancelTimers();
    departure.leave(why);
  }

  private void forget() {
    cancelTimers();
    departure.forget();
  }

  private void cancelTimers() {
    for (TimerKind kind : TimerKind.values()) {
      cancel(kind);
    }
  }
}
