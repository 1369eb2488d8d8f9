package io.handfast.tx.engine;

import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.FailedLogins;
import io.handfast.tx.engine.base.GivenUp;
import io.handfast.tx.engine.base.PreparedHere;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.engine.base.StoreIdentity;
import io.handfast.tx.engine.base.TraceIndex;
import io.handfast.tx.engine.observe.EngineMeters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every machine of this sidecar, by what names it. Confined to the engine's loop, but for {@link
 * #hasParticipants}.
 */
final class Tables {
  private final Map<BranchKey, ParticipantDriver> participants = new HashMap<>();
  private final Map<BranchKey, ParticipantDriver> callers = new HashMap<>();
  private final Map<TxId, CoordinatorDriver> coordinators = new HashMap<>();
  private final Remembered remembered = new Remembered();
  private final GivenUp givenUp = new GivenUp();
  private final PreparedHere preparedHere = new PreparedHere();
  private final FailedLogins failedLogins = new FailedLogins();
  private final TraceIndex traces;
  private final EngineMeters meters;
  private volatile boolean hasParticipants;
  private int lostTries;

  Tables(TraceIndex traces, EngineMeters meters) {
    this.traces = traces;
    this.meters = meters;
  }

  Remembered remembered() {
    return remembered;
  }

  /** What operators have given up. */
  GivenUp givenUp() {
    return givenUp;
  }

  /** Blocks that are prepared in databases; for any thread. */
  PreparedHere preparedHere() {
    return preparedHere;
  }

  /** Of the service, at its databases. */
  FailedLogins failedLogins() {
    return failedLogins;
  }

  TraceIndex traces() {
    return traces;
  }

  @Nullable ParticipantDriver participant(BranchKey key) {
    return participants.get(key);
  }

  /**
   * Whether any branch is in flight here, from any thread: while none is, no call belongs to one. A
   * service that has its request sees true, for its branch was added before.
   */
  boolean hasParticipants() {
    return hasParticipants;
  }

  int participantCount() {
    return participants.size();
  }

  List<ParticipantDriver> participants() {
    return List.copyOf(participants.values());
  }

  void add(BranchKey key, ParticipantDriver participant) {
    participants.put(key, participant);
    count();
  }

  void remove(BranchKey key, ParticipantDriver participant) {
    participants.remove(key, participant);
    preparedHere.remove(key);
    count();
  }

  /** The branch that made a call, while that is open. */
  @Nullable ParticipantDriver callerOf(BranchKey call) {
    return callers.get(call);
  }

  void addCall(BranchKey call, ParticipantDriver caller) {
    callers.put(call, caller);
  }

  void removeCall(BranchKey call) {
    callers.remove(call);
  }

  @Nullable CoordinatorDriver coordinator(TxId tx) {
    return coordinators.get(tx);
  }

  /** What is held here of a transaction's outcome, for whoever asks; null if nothing is. */
  StoreIdentity.@Nullable Held held(TxId tx) {
    CoordinatorDriver coordinator = coordinators.get(tx);
    return coordinator == null ? givenUp.decision(tx) : coordinator.held();
  }

  /** A Try is to be undone once more whose branch another sidecar has taken over (T19). */
  void toBeUndone() {
    lostTries++;
  }

  /** That is over. */
  void undone() {
    lostTries--;
  }

  /** How many are to be undone. */
  int lostTries() {
    return lostTries;
  }

  int coordinatorCount() {
    return coordinators.size();
  }

  void add(TxId tx, CoordinatorDriver coordinator) {
    coordinators.put(tx, coordinator);
    count();
  }

  void remove(TxId tx, CoordinatorDriver coordinator) {
    coordinators.remove(tx, coordinator);
    count();
  }

  private void count() {
    hasParticipants = !participants.isEmpty();
    meters.inFlight(coordinators.size(), participants.size());
  }
}
