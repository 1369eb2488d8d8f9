package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Asking;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.Hazard;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * THREE_PHASE: all have promised. That is recorded first, then every branch is told; when they know
 * it, the decision is forced. Once a branch may know it there is no way back but that the branches
 * have aborted without this coordinator.
 *
 * @param stage how far it has come
 * @param prepared [PERSISTENT] in the pre-commit record
 * @param questions [NOT PERSISTENT] because a restart asks the branches how they stand: who has not
 *     said that it has pre-committed
 * @param silent [NOT PERSISTENT] as {@code questions}: of those, who did not answer when it was
 *     asked last
 * @param expired [NOT PERSISTENT] as {@code questions}: the deadline has passed, so that who is
 *     silent is taken for dead
 * @param completionWait [NOT PERSISTENT], responded [NOT PERSISTENT] because the client's
 *     connection dies with the sidecar
 * @param struck [NOT PERSISTENT], deliveries [NOT PERSISTENT], hazards [NOT PERSISTENT] because as
 *     in {@link CoordinatorState.Active}
 */
public record PreCommitting(
    TxId tx,
    Stage stage,
    List<BranchVote> prepared,
    Questions questions,
    Set<ParticipantKey> silent,
    boolean expired,
    boolean completionWait,
    boolean responded,
    Set<BranchId> struck,
    Deliveries deliveries,
    List<Hazard> hazards)
    implements CoordinatorState.ThreePhase {
  public PreCommitting {
    prepared = List.copyOf(prepared);
    silent = Set.copyOf(silent);
    struck = Set.copyOf(struck);
    hazards = List.copyOf(hazards);
  }

  /** What is being done. */
  public enum Stage {
    /** That all have promised is being forced; nobody has been told. */
    RECORDING,
    /** The branches are being told. */
    TELLING,
    /** The decision is being forced. */
    DECIDING
  }

  static PreCommitting first(Asking s) {
    return new PreCommitting(
        s.tx(),
        Stage.RECORDING,
        s.prepared(),
        Questions.of(s.prepared()),
        Set.of(),
        false,
        s.completionWait(),
        false,
        s.struck(),
        s.deliveries(),
        s.hazards());
  }

  private PreCommitting with(
      Stage next, Questions open, Set<ParticipantKey> mute, boolean late, boolean answered) {
    return new PreCommitting(
        tx,
        next,
        prepared,
        open,
        mute,
        late,
        completionWait,
        answered,
        struck,
        deliveries,
        hazards);
  }

  PreCommitting with(Stage next) {
    return with(next, questions, silent, expired, responded);
  }

  PreCommitting withResponded() {
    return with(stage, questions, silent, expired, true);
  }

  PreCommitting withExpired() {
    return with(stage, questions, silent, true, responded);
  }

  PreCommitting with(Questions open, Set<ParticipantKey> mute) {
    return with(stage, open, mute, expired, responded);
  }

  PreCommitting withSilent(ParticipantKey participant) {
    Set<ParticipantKey> more = new HashSet<>(silent);
    more.add(participant);
    return with(questions, more);
  }

  Set<ParticipantKey> silentBut(ParticipantKey participant) {
    Set<ParticipantKey> fewer = new HashSet<>(silent);
    fewer.remove(participant);
    return fewer;
  }

  PreCommitting with(Deliveries changed, List<Hazard> known) {
    return new PreCommitting(
        tx,
        stage,
        prepared,
        questions,
        silent,
        expired,
        completionWait,
        responded,
        struck,
        changed,
        known);
  }

  /**
   * Every branch has pre-committed; or some have, and the others have died, so that they follow
   * when they are back.
   */
  boolean isEnough() {
    if (questions.isEmpty()) {
      return true;
    }
    return expired
        && questions.open().size() < prepared.size()
        && silent.containsAll(questions.open().keySet());
  }

  Committing committing(Set<Decided> decided, Deliveries changed, boolean nowResponded) {
    return new Committing(tx, decided, changed, true, nowResponded, hazards);
  }

  Aborting aborting(Deliveries changed, @Nullable Blame blame) {
    return new Aborting(tx, changed, true, blame, hazards);
  }
}
