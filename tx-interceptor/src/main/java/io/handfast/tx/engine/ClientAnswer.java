package io.handfast.tx.engine;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.observe.Outcomes.Why;
import io.handfast.tx.engine.observe.SuccessPrediction;
import io.handfast.tx.interceptor.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the client of a transaction is told: once, with {@code tx-id} and {@code tx-outcome}. After
 * a restart nobody waits. Confined to the engine's loop.
 */
final class ClientAnswer {
  private final Wiring wiring;
  private final TxId tx;
  private final @Nullable ParticipantDriver root;
  private final SuccessPrediction.@Nullable Boundary predicted;
  private final long sinceNanos;
  private List<BranchVote> votes = List.of();
  private boolean counted;
  private boolean gone;

  /**
   * @param root null after a restart
   * @param predicted where the transaction begins; null where that is not predicted
   */
  ClientAnswer(
      Wiring wiring,
      TxId tx,
      @Nullable ParticipantDriver root,
      SuccessPrediction.@Nullable Boundary predicted) {
    this.wiring = wiring;
    this.tx = tx;
    this.root = root;
    this.predicted = predicted;
    this.sinceNanos = wiring.loop().nanoTime();
  }

  /** The branch of the boundary's service; null after a restart. */
  @Nullable ParticipantDriver root() {
    return root;
  }

  /** What has been voted. */
  void voted(List<BranchVote> cast) {
    votes = cast;
  }

  void committed() {
    learn(null);
    count(Why.COMMITTED);
    if (root != null) {
      root.answers().release(Problems.outcome(tx, Problems.COMMITTED));
    }
  }

  void failed(AnswerFailure failure) {
    switch (failure.failure()) {
      case OWN_ERROR, NO_ANSWER, ABORTED, DEADLINE -> learn(culprit(failure.blame()));
      case UNAVAILABLE, UNKNOWN, HAZARD -> {} // no service said no
    }
    String outcome =
        switch (failure.failure()) {
          case OWN_ERROR, NO_ANSWER, ABORTED, DEADLINE, UNAVAILABLE -> Problems.ABORTED;
          case UNKNOWN, HAZARD -> Problems.UNKNOWN;
        };
    if (root == null) {
      return;
    }
    Problem problem = problem(failure, root);
    Problem shown = problem == null ? root.answers().caller().instead() : problem;
    Why why = why(failure.failure());
    count(shown == null ? why : why.unless(shown.type()));
    if (problem == null) {
      root.answers().release(Problems.outcome(tx, outcome));
    } else {
      root.answers().fail(Problems.with(problem, Problems.outcome(tx, outcome)));
    }
  }

  private static Why why(CoordinatorEffect.Failure failure) {
    return switch (failure) {
      case OWN_ERROR -> Why.SERVICE_ERROR;
      case NO_ANSWER -> Why.ANSWER_LOST;
      case ABORTED -> Why.BRANCH;
      case DEADLINE -> Why.DEADLINE;
      case UNAVAILABLE -> Why.NOT_AVAILABLE;
      case UNKNOWN -> Why.OUTCOME_UNKNOWN;
      case HAZARD -> Why.HAZARD;
    };
  }

  /** The client has gone: nobody is told, and it is counted when it is clear what it comes to. */
  void gone() {
    gone = true;
  }

  /** Where the transaction stands now. */
  void reached(CoordinatorState state) {
    if (!gone || counted) {
      return;
    }
    switch (state) {
      case CoordinatorState.Committing _ -> count(Why.COMMITTED);
      case CoordinatorState.Aborting _ -> count(Why.CLIENT_GONE);
      case CoordinatorState.Ended s ->
          count(
              switch (s.result()) {
                case COMMITTED -> Why.COMMITTED;
                case ABORTED -> Why.CLIENT_GONE;
                case UNKNOWN -> Why.OUTCOME_UNKNOWN;
              });
      case CoordinatorState.InDoubt _ -> count(Why.OUTCOME_UNKNOWN);
      case CoordinatorState.New _,
          CoordinatorState.Active _,
          CoordinatorState.Asking _,
          CoordinatorState.Delegating _,
          CoordinatorState.Deciding _,
          CoordinatorState.ThreePhase _ -> {}
    }
  }

  /** Null where the client gets what the service, or the data path, has said. */
  private static @Nullable Problem problem(AnswerFailure failure, ParticipantDriver root) {
    return switch (failure.failure()) {
      case OWN_ERROR -> null;
      case NO_ANSWER ->
          root.isHeard() ? null : Problems.deadline("the service did not answer in time");
      case ABORTED -> Problems.aborted(failure.blame());
      case DEADLINE -> Problems.deadline("the transaction did not end in time");
      case UNAVAILABLE ->
          Problems.unavailable(
              failure.blame() == null ? failure.detail() : failure.blame().reason());
      case UNKNOWN -> Problems.unknown(failure.detail());
      case HAZARD -> Problems.hazard(failure.blame());
    };
  }

  /** Whoever did not say yes; of a transaction that nobody is to blame for, the boundary's own. */
  private String culprit(@Nullable Blame blame) {
    return blame == null || blame.service().isEmpty() ? wiring.config().service() : blame.service();
  }

  private void learn(@Nullable String no) {
    if (predicted != null && !counted) {
      predicted.voted(votes, no);
    }
  }

  void bug() {
    count(Why.BUG);
    if (root != null) {
      root.answers()
          .fail(
              Problems.with(
                  Problems.internal("the sidecar met a state that it does not know"),
                  Problems.outcome(tx, Problems.UNKNOWN)));
    }
  }

  private void count(Why why) {
    if (!counted && root != null) {
      counted = true;
      wiring.meters().ended(why, wiring.loop().nanoTime() - sinceNanos);
    }
  }
}
