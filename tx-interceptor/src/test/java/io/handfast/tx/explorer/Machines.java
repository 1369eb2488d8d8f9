package io.handfast.tx.explorer;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorCore;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantCore;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.DeciderCheck;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.port.Peer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What decides in a world: as it stands here, the very code that runs in the sidecar. A mutant
 * overrides one of the methods and does one thing wrong.
 */
public interface Machines {
  /** The real ones. */
  Machines REAL = new Machines() {};

  default Transition<CoordinatorState, CoordinatorEffect> step(
      CoordinatorState state, CoordinatorEvent event) {
    return CoordinatorCore.step(state, event);
  }

  default Transition<ParticipantState, ParticipantEffect> step(
      ParticipantState state, ParticipantEvent event) {
    return ParticipantCore.step(state, event);
  }

  default Answer answer(
      @Nullable CoordinatorState state, ParticipantKey asker, boolean ours, boolean replayed) {
    return CoordinatorCore.answer(state, asker, ours, replayed);
  }

  /** The same, of a branch that is prepared under a handle, whoever asks (rule T14). */
  default Answer answer(
      @Nullable CoordinatorState state,
      ParticipantKey asker,
      String handle,
      boolean ours,
      boolean replayed) {
    return handle.isEmpty()
        ? answer(state, asker, ours, replayed)
        : CoordinatorCore.answer(state, asker, handle, ours, replayed, Protocol.TWO_PHASE);
  }

  /** Whether two handles of one branch name one block (rule T16). */
  default boolean samePrepared(String one, String other) {
    return Decided.samePrepared(one, other);
  }

  /**
   * Whether a block of SQL fails whose connection is lost behind the service's COMMIT, before
   * PREPARE is sent, as the proxy's session has it. Of the simulation only.
   */
  default boolean failsWhenLost() {
    return true;
  }

  /**
   * Whether a block of SQL fails whose connection is lost before the service has asked for
   * anything, for it may ask now, and keep to itself what it is told.
   */
  default boolean failsWhenLostOpen() {
    return true;
  }

  /**
   * Whether an outcome of a block that no scan shows is carried out, whoever has told it (rule
   * T20). Of the simulation only.
   */
  default boolean endsUnseen() {
    return false;
  }

  /** What a checkpoint keeps of the records that still matter: all. Of the simulation only. */
  default List<Record> kept(List<Record> live) {
    return live;
  }

  default Answer answer(
      @Nullable CoordinatorState state,
      ParticipantKey asker,
      boolean ours,
      boolean replayed,
      Protocol protocol) {
    return protocol == Protocol.THREE_PHASE
        ? CoordinatorCore.answer(state, asker, ours, replayed, protocol)
        : answer(state, asker, ours, replayed);
  }

  /** What is said of an outcome while what an operator decided is carried out. */
  default Acknowledgement ofResolved() {
    return Acknowledgement.WORKING;
  }

  /** Whether what an operator decided is what the transaction came to. */
  default boolean agrees(Outcome decided, Outcome truth) {
    return decided == truth;
  }

  /** Whether a write to etcd compares this key before it is made. Of the simulation only. */
  default boolean compares(String key) {
    return true;
  }

  /**
   * Whether a participant takes an outcome (rule T20).
   *
   * @param inItsName the teller names the decider's store
   * @param itsCertificate the teller has the decider's certificate
   */
  default boolean believes(BranchKey branch, boolean inItsName, boolean itsCertificate) {
    PeerIdentity decider = new PeerIdentity("spiffe://mesh/front");
    PeerIdentity teller =
        itsCertificate ? decider : new PeerIdentity("spiffe://mesh/somebody-else");
    return new DeciderCheck(new EngineMeters(new SimpleMeterRegistry(), () -> 0))
        .accepts(
            branch,
            new Decider(new StoreId("j.front"), new Authority("front", 15014), decider),
            new Remembered.Teller(
                inItsName ? "j.front" : "j.stranger",
                new Peer.Proved(Set.of(teller)),
                "stranger:15014"));
  }
}
