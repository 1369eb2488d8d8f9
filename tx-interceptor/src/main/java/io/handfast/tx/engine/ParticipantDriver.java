package io.handfast.tx.engine;

import io.handfast.transaction.v1.Resolution;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.IllegalTransitionException;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantCore;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.core.participant.Uncertain;
import io.handfast.tx.engine.answer.Answers;
import io.handfast.tx.engine.answer.BranchAnswers;
import io.handfast.tx.engine.answer.Caller;
import io.handfast.tx.engine.answer.Opening;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.answer.Told;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.FailedLogins;
import io.handfast.tx.engine.base.OwnDecision;
import io.handfast.tx.engine.base.Promise;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.interceptor.Verdict;
import io.handfast.tx.resource.Resource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the machine of one branch: the only place where its state changes. Every change goes to a
 * {@link BranchObserver}; what it asks for is carried out by {@link ParticipantEffects}. Confined
 * to the engine's loop.
 */
final class ParticipantDriver {
  private static final String ENDED_ELSEWHERE = "ended by another sidecar";
  private static final String TAKEN_OVER = "taken over by another replica";

  private final Wiring wiring;
  private final Decider decider;
  private final boolean opened;
  private final long awaitedUntilNanos;
  private final long openedNanos;
  private final Story story;
  private final BranchObserver observer;
  private final ParticipantEffects effects;
  private final BranchAnswers answers;
  private final OpenCalls calls = new OpenCalls();
  private ParticipantState state;
  private boolean heard;
  private boolean loginNoted;
  private int branches = 1;
  private long bytes;
  private String vote = "";
  private boolean takenOver;
  private boolean abortInquired;

  /** Of a branch that a request opens. */
  ParticipantDriver(Wiring wiring, Opening opening, Caller caller) {
    this.opened = true;
    this.awaitedUntilNanos = opening.awaitedUntilNanos();
    this.wiring = wiring;
    this.decider = opening.decider();
    this.state = new ParticipantState.New(opening.branch());
    this.openedNanos = wiring.loop().nanoTime();
    long sinceMs = wiring.loop().epochMillis();
    this.story = join(decider.authority().toString(), sinceMs);
    this.observer = new BranchObserver(wiring, this, story, sinceMs);
    this.answers = new BranchAnswers(caller, opening);
    this.effects = new ParticipantEffects(wiring, this, ParticipantLink.of(opening), answers);
  }

  /**
   * Of a branch that a restart found.
   *
   * @param sinceMs when its record was written
   */
  ParticipantDriver(Wiring wiring, Branch branch, ParticipantLink link, long sinceMs) {
    this.opened = false;
    this.awaitedUntilNanos = link.deadlineNanos();
    this.openedNanos = wiring.loop().nanoTime();
    this.wiring = wiring;
    this.decider = link.decider();
    this.state = new ParticipantState.New(branch);
    this.story = join(decider.authority().toString(), sinceMs);
    this.observer = new BranchObserver(wiring, this, story, sinceMs);
    this.answers = BranchAnswers.none(new BranchKey(branch.tx(), branch.id()));
    this.effects = new ParticipantEffects(wiring, this, link, answers);
  }

  private Story join(String coordinator, long sinceMs) {
    Story joined = wiring.history().join(branch().tx(), sinceMs);
    joined.branchHere(coordinator);
    return joined;
  }

  Branch branch() {
    return state.branch();
  }

  BranchKey key() {
    return new BranchKey(branch().tx(), branch().id());
  }

  Decider decider() {
    return decider;
  }

  ParticipantState state() {
    return state;
  }

  BranchAnswers answers() {
    return answers;
  }

  ParticipantEffects effects() {
    return effects;
  }

  Story story() {
    return story;
  }

  /** What the branch has voted; empty before. */
  String vote() {
    return vote;
  }

  void voted(List<BranchVote> votes) {
    for (BranchVote own : votes) {
      if (own.branch().equals(branch().id()) && vote.isEmpty()) {
        vote = own.vote().token();
        wiring.meters().voted(own);
      }
    }
  }

  /** Whether the service has answered, or will not. */
  boolean isHeard() {
    return heard;
  }

  /** Whether the service still works, or its calls are awaited: votes of calls count. */
  boolean isOpen() {
    return isOpen(state);
  }

  /** How long what the service does now can be of use: to the deadline, or the end of its call. */
  long usefulMs() {
    long awaited = (awaitedUntilNanos - wiring.loop().nanoTime()) / 1_000_000;
    return Math.min(effects.remainingMs(), awaited);
  }

  @Nullable OpenCall call(BranchId call) {
    return calls.get(call);
  }

  void addCall(BranchId id, OpenCall call) {
    grown(1);
    calls.put(id, call);
    wiring.tables().addCall(new BranchKey(branch().tx(), id), this);
  }

  /** Branches of the transaction that are known here: this one, and those below it. */
  int branches() {
    return branches;
  }

  /** Calls and blocks of SQL of its service. */
  OpenCalls calls() {
    return calls;
  }

  /** Whether it aborts or has aborted, and never voted yes. */
  boolean isAborted() {
    return state instanceof ParticipantState.AbortedWorking
        || state instanceof ParticipantState.Cancelling
        || (state instanceof ParticipantState.Ending ending
            && ending.outcome() == BranchOutcome.ABORTED)
        || (state instanceof ParticipantState.Ended ended
            && ended.outcome() == BranchOutcome.ABORTED);
  }

  /** Whether ABORT was said to it by an answer, which absence may have given (T15). */
  boolean isAbortInquired() {
    return abortInquired;
  }

  /**
   * Whether an outcome contradicts an ABORTED that absence may have given: a block is rolled back
   * here that another has committed, and its database is about to say so (T15).
   */
  boolean contradictsAbsence(Outcome outcome) {
    return outcome == Outcome.COMMIT
        && abortInquired
        && effects.link().block() != null
        && state instanceof ParticipantState.Cancelling;
  }

  void grown(int more) {
    branches += more;
  }

  /** What the branch holds of the transaction's share, in bytes. */
  void holds(long now) {
    story.holds(now - bytes);
    bytes = now;
  }

  long held() {
    return bytes;
  }

  void forgetCalls() {
    for (BranchId id : calls.ids()) {
      wiring.tables().removeCall(new BranchKey(branch().tx(), id));
    }
  }

  /** The service's answer, or that there is none; the first word counts. */
  void heard(TryAnswer answer, String detail) {
    if (!heard) {
      heard = true;
      FailedLogins.Login login = noteFailedLogin();
      boolean failed = answer == TryAnswer.FAILED || answer == TryAnswer.LOST;
      handle(
          new ParticipantEvent.ServiceAnswered(
              answer,
              failed && login != null ? detail + "; meanwhile " + login.forClients() : detail));
    }
  }

  /** Its service did not answer in time. */
  void late() {
    calls.late();
    if (!heard) {
      noteFailedLogin();
    }
  }

  /** Of its service, while that worked on it: noted once, where it is looked for. */
  private FailedLogins.@Nullable Login noteFailedLogin() {
    Resource resource = effects.link().resource();
    FailedLogins.Login login =
        resource == null || !resource.takesBlocks()
            ? null
            : wiring.tables().failedLogins().since(openedNanos);
    if (login != null && !loginNoted) {
      loginNoted = true;
      observer.noted("meanwhile " + login.forOperators());
    }
    return login;
  }

  void answered(StoredAnswer answer) {
    if (heard) {
      return;
    }
    answers.keep(answer);
    Verdict verdict = Answers.verdict(answer, answers, () -> effects.complete(answer));
    ForcePoints.afterServiceAnswered(branch().tx(), branch().id());
    heard(verdict.answer(), verdict.detail());
  }

  void answerStarted() {
    if (!heard) {
      handle(new ParticipantEvent.AnswerStarted());
    }
  }

  /** Whoever made the call has gone. */
  void callerGone() {
    answers.caller().gone();
    CoordinatorDriver coordinator =
        branch().root() ? wiring.tables().coordinator(branch().tx()) : null;
    if (coordinator != null) {
      coordinator.clientGone();
    }
    wiring
        .mailbox()
        .post(() ->
            heard(
                answers.caller().isForwarded() ? TryAnswer.LOST : TryAnswer.NOT_SENT,
                "the caller has gone"));
  }

  void told(Outcome outcome, boolean awaited, @Nullable Consumer<Told> reply) {
    if (reply != null) {
      effects.acknowledgements().await(reply);
    }
    handle(new ParticipantEvent.Told(outcome, awaited));
  }

  /** The coordinator leaves the decision to this branch. */
  void delegate(@Nullable Consumer<OwnDecision> reply) {
    if (reply != null) {
      effects.decisions().await(reply);
    }
    handle(new ParticipantEvent.DelegationRequested());
  }

  /**
   * The coordinator asks to prepare.
   *
   * @param members under THREE_PHASE all branches that update; else empty
   */
  void prepare(List<Member> members, @Nullable Consumer<Promise> reply) {
    if (reply != null) {
      effects.promises().await(reply);
    }
    handle(
        members.isEmpty()
            ? new ParticipantEvent.PrepareRequested()
            : new ParticipantEvent.CanCommitRequested(members));
  }

  /**
   * THREE_PHASE: somebody asks how the branch stands, or to pre-commit.
   *
   * @param elector a member that decides by what it hears; else null
   */
  void stand(
      boolean preCommit, @Nullable ParticipantKey elector, @Nullable Consumer<Standing> reply) {
    effects.members().await(preCommit, reply);
    handle(
        preCommit
            ? new ParticipantEvent.PreCommitRequested(elector)
            : new ParticipantEvent.StandingRequested(elector));
  }

  /**
   * Another sidecar carries the branch on, or has ended it: it stops here as it stands, as if this
   * sidecar had died with it, but for a Try of its own (T19). One that undoes such a Try goes on,
   * and one whose outcome is carried out, of which the store may have been asked before.
   */
  void takenOver() {
    wiring
        .mailbox()
        .post(() -> {
          if (!takenOver && !undoesItsOwn() && !isCarriedOut()) {
            takenOver = true;
            wiring.shared().giveUp(branch().tx(), branch().key());
            observer.left(TAKEN_OVER);
            effects.abandon();
          }
        });
  }

  /** Another has carried out the outcome of what is prepared here: nothing remains to be done. */
  void endedElsewhere() {
    wiring
        .mailbox()
        .post(() -> {
          if (!takenOver && !(state instanceof ParticipantState.Ended)) {
            takenOver = true;
            observer.left(ENDED_ELSEWHERE);
            effects.leave(ENDED_ELSEWHERE);
          }
        });
  }

  /** Whether a request of this life was handed to its service, which may leave something behind. */
  boolean hasTried() {
    return opened && branch().isUpdating();
  }

  /** Whether a Try of this life is being undone. */
  boolean undoesItsOwn() {
    return hasTried() && state instanceof ParticipantState.Cancelling;
  }

  private boolean isCarriedOut() {
    return state instanceof ParticipantState.Ending || state instanceof ParticipantState.Ended;
  }

  /** Whether the service works on it at this moment. */
  boolean isAtWork() {
    return isOpen() || state instanceof ParticipantState.Preparing;
  }

  boolean isTakenOver() {
    return takenOver;
  }

  /** Whether it has voted yes and knows no outcome; also while an operator's word is written. */
  boolean isInDoubt() {
    return isInDoubt(state);
  }

  static boolean isInDoubt(ParticipantState state) {
    return state instanceof ParticipantState.Prepared
        || state instanceof ParticipantState.ThreePhase
        || state instanceof ParticipantState.Resolving;
  }

  /** Whether its service may still be at work on what a former life of this sidecar sent it. */
  boolean mayBeTried() {
    return state instanceof ParticipantState.Prepared prepared && prepared.tryMayRun();
  }

  /** THREE_PHASE: whether a record is under way that takes it further, or ends it. */
  boolean isRecordingProgress() {
    return state instanceof Uncertain uncertain
        && switch (uncertain.phase()) {
          case READY, PRE_COMMITTED -> false;
          case PRE_COMMITTING, WITHDRAWING -> true;
        };
  }

  /** Whether an operator has decided: what the branch is told is compared when it has ended. */
  boolean isResolved() {
    return effects.records().resolution() != null;
  }

  /**
   * An operator decides for this branch, which is in doubt.
   *
   * @param reply null when it is recorded, else why it is not
   */
  void resolve(Outcome outcome, Resolution resolution, Consumer<@Nullable String> reply) {
    effects.records().resolve(resolution);
    effects.resolving(reply);
    handle(new ParticipantEvent.OperatorDecided(outcome));
  }

  void handle(ParticipantEvent event) {
    wiring.checkLoop();
    wiring.mailbox().post(() -> step(event));
  }

  private void step(ParticipantEvent event) {
    if (takenOver) {
      return; // late
    }
    ParticipantState before = state;
    Transition<ParticipantState, ParticipantEffect> transition;
    try {
      transition = ParticipantCore.step(before, event);
    } catch (IllegalTransitionException bug) {
      failClosed(bug);
      return;
    }
    state = transition.next();
    if (before instanceof ParticipantState.Prepared) {
      abortInquired = event instanceof ParticipantEvent.InquiryAnswered;
    }
    observer.changed(before, event);
    if (isOpen(before) && !isOpen() && isAborted()) {
      calls.aborted(Names.of(event));
    }
    for (ParticipantEffect effect : transition.effects()) {
      effects.perform(effect);
    }
  }

  private static boolean isOpen(ParticipantState before) {
    return before instanceof ParticipantState.Working || before instanceof ParticipantState.Closing;
  }

  /** A bug: nobody is told yes, nothing is undone that might be decided. */
  private void failClosed(IllegalTransitionException bug) {
    observer.illegal(bug);
    answers.caller().fail(Problems.internal("the sidecar met a state that it does not know"));
  }
}
