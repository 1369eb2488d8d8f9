package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.TxId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a transaction stands at its coordinator. Immutable; nothing but {@link
 * CoordinatorCore#step} makes a next one. The moves are methods of the states that have them.
 *
 * <p>Of a field it is said whether a restart finds it again. What is not found again is lost with
 * no harm, for the reason given.
 */
public sealed interface CoordinatorState {

  /** The transaction. */
  // [PERSISTENT] with the decision; without one there is nothing to find, and absence means abort.
  TxId tx();

  /** Nothing has happened yet. */
  record New(TxId tx) implements CoordinatorState {
    Active active(Branch root, boolean completionWait) {
      return new Active(tx, root, completionWait, Set.of(), Deliveries.NONE, List.of());
    }

    Settling settling(List<BranchVote> branches) {
      return new Settling(tx, branches, 1);
    }

    Committing recovered(Set<Decided> decided, Deliveries deliveries) {
      return new Committing(tx, decided, deliveries, true, true, List.of());
    }
  }

  /**
   * The boundary's service works, its votes are awaited.
   *
   * @param root [NOT PERSISTENT] because without a decision everything aborts, and the branch
   *     records say so by themselves
   * @param completionWait [NOT PERSISTENT] because the client's connection dies with the sidecar
   * @param struck [NOT PERSISTENT] because after a restart absence says the same of them
   * @param deliveries [NOT PERSISTENT] because an abort that was not told is asked for (rule T15)
   * @param hazards [NOT PERSISTENT] because the client's connection dies with the sidecar; the
   *     participant keeps what it was
   */
  record Active(
      TxId tx,
      Branch root,
      boolean completionWait,
      Set<BranchId> struck,
      Deliveries deliveries,
      List<Hazard> hazards)
      implements CoordinatorState {
    public Active {
      struck = Set.copyOf(struck);
      hazards = List.copyOf(hazards);
    }

    Active with(Deliveries changed, List<Hazard> known) {
      return new Active(tx, root, completionWait, struck, changed, known);
    }

    Active withStruck(Set<BranchId> all, Deliveries changed) {
      return new Active(tx, root, completionWait, all, changed, hazards);
    }

    Asking asking(
        List<BranchVote> prepared,
        Questions questions,
        @Nullable BranchId riding,
        Set<BranchId> allStruck,
        Deliveries changed) {
      boolean alone = root.protocol() != Protocol.THREE_PHASE;
      List<Member> members = alone ? List.of() : Member.of(questions.branches());
      return new Asking(
          tx, prepared, questions, riding, completionWait, members, allStruck, changed, hazards);
    }

    Delegating delegating(BranchVote branch, Set<BranchId> allStruck, Deliveries changed) {
      return new Delegating(tx, branch, 1, false, "", allStruck, changed, hazards);
    }

    Deciding deciding(List<BranchVote> prepared, Set<BranchId> allStruck, Deliveries changed) {
      return new Deciding(tx, prepared, completionWait, false, allStruck, changed, hazards);
    }

    Committing committing(Deliveries changed, boolean responded) {
      return new Committing(tx, Set.of(), changed, false, responded, hazards);
    }

    Aborting aborting(Deliveries changed, boolean responded, @Nullable Blame blame) {
      return new Aborting(tx, changed, responded, blame, hazards);
    }
  }

  /**
   * All voted yes or {@code ask}, and those who voted {@code ask} are being asked to prepare, all
   * at once. One that refuses, or does not answer, aborts the transaction at once (rule T14).
   *
   * @param prepared [NOT PERSISTENT] because without a decision everything aborts: who has said
   *     yes, each with its participant
   * @param questions [NOT PERSISTENT] because without a decision everything aborts
   * @param riding [NOT PERSISTENT] because the root has died with its sidecar: the root, if its
   *     branch record rides in the decision, should that list it
   * @param completionWait [NOT PERSISTENT] because the client's connection dies with the sidecar
   * @param members [PERSISTENT] at the branches: under THREE_PHASE who they are told the others
   *     are; else empty
   * @param struck [NOT PERSISTENT], deliveries [NOT PERSISTENT], hazards [NOT PERSISTENT] because
   *     as in {@link Active}
   */
  record Asking(
      TxId tx,
      List<BranchVote> prepared,
      Questions questions,
      @Nullable BranchId riding,
      boolean completionWait,
      List<Member> members,
      Set<BranchId> struck,
      Deliveries deliveries,
      List<Hazard> hazards)
      implements CoordinatorState {
    public Asking {
      members = List.copyOf(members);
      prepared = List.copyOf(prepared);
      struck = Set.copyOf(struck);
      hazards = List.copyOf(hazards);
    }

    Asking with(Deliveries changed, List<Hazard> known) {
      return new Asking(
          tx, prepared, questions, riding, completionWait, members, struck, changed, known);
    }

    Asking with(List<BranchVote> yes, Questions open) {
      return new Asking(
          tx, yes, open, riding, completionWait, members, struck, deliveries, hazards);
    }

    Deciding deciding() {
      return new Deciding(tx, prepared, completionWait, false, struck, deliveries, hazards);
    }

    PreCommitting preCommitting() {
      return PreCommitting.first(this);
    }

    Committing committing(Deliveries changed) {
      return new Committing(tx, Set.of(), changed, false, true, hazards);
    }

    Aborting aborting(Deliveries changed, @Nullable Blame blame) {
      return new Aborting(tx, changed, true, blame, hazards);
    }
  }

  /**
   * ONE_PHASE: the decision has been left to the only branch that updates. Nothing is written here,
   * and nothing is told that could contradict it; a client that is not answered in time is told
   * {@code unknown}.
   *
   * @param branch [PERSISTENT] at its participant, which decides; a restart of this sidecar knows
   *     nothing of the transaction, and nobody needs it to
   * @param attempt [NOT PERSISTENT] because it only spaces the questions
   * @param responded [NOT PERSISTENT] because the client's connection dies with the sidecar
   * @param trouble [NOT PERSISTENT] because it is for the client: why there is no answer
   * @param struck [NOT PERSISTENT], deliveries [NOT PERSISTENT], hazards [NOT PERSISTENT] because
   *     as in {@link Active}
   */
  record Delegating(
      TxId tx,
      BranchVote branch,
      int attempt,
      boolean responded,
      String trouble,
      Set<BranchId> struck,
      Deliveries deliveries,
      List<Hazard> hazards)
      implements CoordinatorState {
    public Delegating {
      struck = Set.copyOf(struck);
      hazards = List.copyOf(hazards);
    }

    Delegating with(Deliveries changed, List<Hazard> known) {
      return new Delegating(tx, branch, attempt, responded, trouble, struck, changed, known);
    }

    Delegating withTrouble(String reason) {
      return new Delegating(tx, branch, attempt, responded, reason, struck, deliveries, hazards);
    }

    Delegating withResponded() {
      return new Delegating(tx, branch, attempt, true, trouble, struck, deliveries, hazards);
    }

    Delegating again() {
      return new Delegating(
          tx, branch, attempt + 1, responded, trouble, struck, deliveries, hazards);
    }

    Committing committing(Set<Decided> decided, Deliveries changed) {
      return new Committing(tx, decided, changed, false, true, hazards);
    }

    Aborting aborting(Deliveries changed, Blame blame) {
      return new Aborting(tx, changed, true, blame, hazards);
    }

    Ended ended() {
      return new Ended(tx, Result.UNKNOWN, Set.of(), hazards);
    }
  }

  /**
   * The decision to commit is being forced. Nobody is told before it is durable, and nobody is told
   * anything else any more.
   *
   * @param prepared [PERSISTENT] in the decision
   * @param completionWait [NOT PERSISTENT], responded [NOT PERSISTENT] because the client's
   *     connection dies with the sidecar
   * @param struck [NOT PERSISTENT] because what is not in the decision is aborted
   * @param deliveries [NOT PERSISTENT] because an abort that was not told is asked for (rule T15)
   * @param hazards [NOT PERSISTENT] because as in {@link Active}
   */
  record Deciding(
      TxId tx,
      List<BranchVote> prepared,
      boolean completionWait,
      boolean responded,
      Set<BranchId> struck,
      Deliveries deliveries,
      List<Hazard> hazards)
      implements CoordinatorState {
    public Deciding {
      prepared = List.copyOf(prepared);
      struck = Set.copyOf(struck);
      hazards = List.copyOf(hazards);
    }

    Deciding with(Deliveries changed, List<Hazard> known) {
      return new Deciding(tx, prepared, completionWait, responded, struck, changed, known);
    }

    Deciding withResponded() {
      return new Deciding(tx, prepared, completionWait, true, struck, deliveries, hazards);
    }

    Committing committing(Set<Decided> decided, Deliveries changed, boolean nowResponded) {
      return new Committing(tx, decided, changed, true, nowResponded, hazards);
    }

    Aborting aborting(Deliveries changed) {
      return new Aborting(tx, changed, true, null, hazards);
    }

    InDoubt inDoubt(String reason) {
      return new InDoubt(tx, prepared, struck, deliveries, hazards, reason, 1);
    }
  }

  /**
   * Committed. Participants are told until each has acknowledged.
   *
   * @param decided [PERSISTENT] in the decision; who committed
   * @param deliveries [NOT PERSISTENT] because a restart tells all of the decision again
   * @param recorded there is a decision record, so an end is written: false where every branch was
   *     read-only; a restart finds nothing then
   * @param responded [NOT PERSISTENT] because the client's connection dies with the sidecar
   * @param hazards [PERSISTENT] as a mark of the end record; the participant keeps what it was;
   *     shown until then
   */
  record Committing(
      TxId tx,
      Set<Decided> decided,
      Deliveries deliveries,
      boolean recorded,
      boolean responded,
      List<Hazard> hazards)
      implements CoordinatorState {
    public Committing {
      decided = Set.copyOf(decided);
      hazards = List.copyOf(hazards);
    }

    Committing with(Deliveries changed, List<Hazard> known) {
      return new Committing(tx, decided, changed, recorded, responded, known);
    }

    Committing withResponded() {
      return new Committing(tx, decided, deliveries, recorded, true, hazards);
    }

    Ended ended() {
      return new Ended(tx, Result.COMMITTED, decided, hazards);
    }
  }

  /**
   * Aborted. Participants that may hold work are told, for a bounded time: they ask anyway.
   *
   * @param deliveries [NOT PERSISTENT] because absence says abort
   * @param responded [NOT PERSISTENT] because the client's connection dies with the sidecar; false
   *     while the service's answer, which may be an error that the client wants to see, is still to
   *     come
   * @param blame [NOT PERSISTENT] because it is for the client; null where no branch said no
   * @param hazards [NOT PERSISTENT] because as in {@link Active}
   */
  record Aborting(
      TxId tx,
      Deliveries deliveries,
      boolean responded,
      @Nullable Blame blame,
      List<Hazard> hazards)
      implements CoordinatorState {
    public Aborting {
      hazards = List.copyOf(hazards);
    }

    Aborting with(Deliveries changed, List<Hazard> known) {
      return new Aborting(tx, changed, responded, blame, known);
    }

    Aborting withResponded() {
      return new Aborting(tx, deliveries, true, blame, hazards);
    }

    Ended ended() {
      return new Ended(tx, Result.ABORTED, Set.of(), hazards);
    }
  }

  /**
   * The write of the decision failed and may be durable all the same (rule T18). Nothing is told,
   * inquiries are answered PENDING, until the store has been read: a journal by a restart, a shared
   * store by this sidecar, which writes ABORT where no decision stands. The client has been told
   * unknown.
   *
   * @param prepared [PERSISTENT] in the decision, if that is there
   * @param struck [NOT PERSISTENT] because what is not in the decision is aborted
   * @param deliveries [NOT PERSISTENT] because an abort that was not told is asked for (rule T15)
   * @param hazards [NOT PERSISTENT] because as in {@link Active}
   * @param reason [NOT PERSISTENT] because it is for people
   * @param attempt [NOT PERSISTENT] because it only spaces the questions to the store
   */
  record InDoubt(
      TxId tx,
      List<BranchVote> prepared,
      Set<BranchId> struck,
      Deliveries deliveries,
      List<Hazard> hazards,
      String reason,
      int attempt)
      implements CoordinatorState {
    public InDoubt {
      prepared = List.copyOf(prepared);
      struck = Set.copyOf(struck);
      hazards = List.copyOf(hazards);
    }

    InDoubt with(Deliveries changed, List<Hazard> known) {
      return new InDoubt(tx, prepared, struck, changed, known, reason, attempt);
    }

    InDoubt again() {
      return new InDoubt(tx, prepared, struck, deliveries, hazards, reason, attempt + 1);
    }

    Committing committing(Set<Decided> decided, Deliveries changed) {
      return new Committing(tx, decided, changed, true, true, hazards);
    }

    Aborting aborting(Deliveries changed) {
      return new Aborting(tx, changed, true, null, hazards);
    }

    Ended ended() {
      return new Ended(tx, Result.UNKNOWN, Set.of(), hazards);
    }
  }

  /**
   * Nothing is owed to anybody. Terminal.
   *
   * @param result [PERSISTENT]: by the decision, or by its absence; not where it is unknown
   * @param decided [PERSISTENT] in the decision; who committed
   * @param hazards [PERSISTENT] as a mark of the end record, where it has one
   */
  record Ended(TxId tx, Result result, Set<Decided> decided, List<Hazard> hazards)
      implements CoordinatorState {
    public Ended {
      decided = Set.copyOf(decided);
      hazards = List.copyOf(hazards);
    }
  }

  /** How a transaction ended. */
  enum Result {
    COMMITTED,
    ABORTED,
    /** A store that lost this sidecar could not say (rule T18). */
    UNKNOWN
  }

  /** A participant that did not do as it was told (rule T21). */
  record Hazard(ParticipantKey participant, String service, String detail) {
    Blame blame() {
      return new Blame(participant.branch(), service, detail);
    }
  }

  /** States of THREE_PHASE alone. */
  sealed interface ThreePhase extends CoordinatorState permits PreCommitting, Settling {}
}
