package io.handfast.tx.engine;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.Vote;
import io.handfast.tx.engine.answer.Told;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.OwnDecision;
import io.handfast.tx.engine.base.Promise;
import io.handfast.tx.engine.base.Remembered;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes an outcome, or the question to prepare, for a branch of this sidecar, whether or not it
 * knows one (T16), from its decider alone (T20). Pure wiring.
 */
final class OutcomeDesk {
  private static final String NOT_THE_DECIDER =
      "told by somebody else than the branch's decider (expected: the store and the certificate that"
          + " the branch has recorded)";

  private OutcomeDesk() {}

  /**
   * Takes an outcome.
   *
   * @param handle of what is prepared, from which it can be carried out; else empty
   */
  static void told(
      Wiring wiring,
      BranchKey key,
      String handle,
      Outcome outcome,
      boolean awaited,
      Remembered.@Nullable Teller teller,
      Consumer<Told> reply) {
    Decider recorded = recorded(wiring, key);
    if (recorded != null && !wiring.deciders().accepts(key, recorded, teller)) {
      reply.accept(new Told(Acknowledgement.ANOTHER_STORE, NOT_THE_DECIDER));
      return;
    }
    ParticipantDriver driver = wiring.tables().participant(key);
    if (driver != null) {
      if (driver.isResolved()) {
        reply.accept(Told.WORKING); // compared with what an operator decided, when that is done
      } else if (driver.contradictsAbsence(outcome)) {
        reply.accept(Told.WORKING); // one of the two is stale: its database says which
      } else {
        driver.told(outcome, awaited, reply);
      }
      return;
    }
    if (wiring.kept().holds(key)) {
      wiring.kept().told(key, outcome, reply);
      return;
    }
    BranchEnded forgotten = wiring.tables().givenUp().branch(key);
    if (forgotten != null) {
      reply.accept(KeptEnds.ofForgotten(forgotten, outcome));
      return;
    }
    Remembered.Memory memory = wiring.tables().remembered().get(key);
    if (BlockHandle.parse(handle) != null && (memory == null || memory.elsewhere())) {
      wiring.blocks().told(key, handle, outcome, awaited, teller, reply);
      return;
    }
    boolean elsewhere = memory == null ? outcome == Outcome.COMMIT : memory.elsewhere();
    if (elsewhere && wiring.shared().isShared()) {
      askStore(wiring, key, outcome, reply);
      return;
    }
    reply.accept(
        memory == null ? unknown(wiring, key, outcome, teller) : remembered(memory, outcome));
  }

  /**
   * Whoever ran it may be lost, and another may have ended it, or be about to (T16, T19). It is
   * told to this pod, so it has voted here: one branch-id that reached two pods is two (T10).
   */
  private static void askStore(
      Wiring wiring, BranchKey key, Outcome outcome, Consumer<Told> reply) {
    wiring
        .shared()
        .acknowledged(
            key.tx(),
            new ParticipantKey(key.branch(), wiring.config().authority()),
            wiring.config().service(),
            outcome,
            said ->
                reply.accept(
                    said == null ? Told.WORKING : new Told(said.acknowledgement(), said.detail())));
  }

  /**
   * Asks a branch of this sidecar to prepare. One that is not known promised nothing: it was
   * undone, or a restart took it.
   */
  static void prepare(
      Wiring wiring,
      BranchKey key,
      List<Member> members,
      Remembered.@Nullable Teller teller,
      Consumer<Promise> reply) {
    Decider recorded = recorded(wiring, key);
    if (recorded != null && !wiring.deciders().accepts(key, recorded, teller)) {
      reply.accept(Promise.no(NOT_THE_DECIDER));
      return;
    }
    ParticipantDriver driver = wiring.tables().participant(key);
    if (driver == null) {
      reply.accept(promised(stays(wiring, key)));
    } else {
      driver.prepare(members, reply);
    }
  }

  /** What an operator has committed stands: a no to whoever asks again would make it mixed. */
  private static Promise promised(@Nullable BranchEnded end) {
    return end != null && KeptEnd.agrees(end, Outcome.COMMIT)
        ? new Promise(Vote.PREPARED, "")
        : Promise.no("the branch is not in flight");
  }

  /** How a branch ended that an operator decided, or that was a hazard; null for any other. */
  private static @Nullable BranchEnded stays(Wiring wiring, BranchKey key) {
    BranchEnded end = wiring.kept().end(key);
    return end == null ? wiring.tables().givenUp().branch(key) : end;
  }

  /** Leaves the decision to a branch of this sidecar (ONE_PHASE). */
  static void delegate(
      Wiring wiring,
      BranchKey key,
      Remembered.@Nullable Teller teller,
      Consumer<OwnDecision> reply) {
    Decider recorded = recorded(wiring, key);
    if (recorded != null && !wiring.deciders().accepts(key, recorded, teller)) {
      reply.accept(OwnDecision.NOTHING);
      return;
    }
    ParticipantDriver driver = wiring.tables().participant(key);
    if (driver != null) {
      driver.delegate(reply);
      return;
    }
    Remembered.Memory memory = wiring.tables().remembered().get(key);
    reply.accept(
        switch (memory == null ? BranchOutcome.HAZARD : memory.outcome()) {
          case COMMITTED, READ_ONLY -> new OwnDecision(Answer.COMMITTED, "");
          case ABORTED -> new OwnDecision(Answer.ABORTED, "the branch was aborted");
          case HAZARD -> OwnDecision.NOTHING;
        });
  }

  /**
   * THREE_PHASE: asks a branch of this sidecar how it stands, or to pre-commit. Anybody of the mesh
   * may, who names the store that the transaction began with: the members do.
   *
   * @param elector the member that decides by what it hears; null for the coordinator, and where it
   *     is only asked whether the branch lives
   * @param decider that store; null where this sidecar asks itself
   */
  static void stand(
      Wiring wiring,
      BranchKey key,
      boolean preCommit,
      @Nullable ParticipantKey elector,
      @Nullable String decider,
      Consumer<Standing> reply) {
    Decider recorded = recorded(wiring, key);
    if (recorded != null && decider != null && !recorded.store().value().equals(decider)) {
      reply.accept(Standing.UNKNOWN);
      return;
    }
    ParticipantDriver driver = wiring.tables().participant(key);
    boolean guessed = (driver != null && driver.isResolved()) || stays(wiring, key) != null;
    if (guessed || (driver != null && driver.branch().protocol() != Protocol.THREE_PHASE)) {
      reply.accept(Standing.UNKNOWN); // an operator's word about one branch is no outcome of others
      return;
    }
    if (driver != null) {
      driver.stand(preCommit, elector, reply);
      return;
    }
    Remembered.Memory memory = wiring.tables().remembered().get(key);
    reply.accept(memory == null ? Standing.UNKNOWN : Standing.after(memory.outcome()));
  }

  /** Whose outcome the branch carries out; null if it is not known here, or not any more. */
  private static @Nullable Decider recorded(Wiring wiring, BranchKey key) {
    ParticipantDriver driver = wiring.tables().participant(key);
    if (driver != null) {
      return driver.decider();
    }
    BranchEnded end = stays(wiring, key);
    if (end != null) {
      return Messages.decider(end);
    }
    Remembered.Memory memory = wiring.tables().remembered().get(key);
    return memory == null ? null : memory.decider();
  }

  /**
   * ABORT overtook the call, or the call never comes: its branch-id is remembered, so that it is
   * refused if it does. COMMIT of a branch that ended before a restart: its end was durable, else
   * it would have been found.
   */
  private static Told unknown(
      Wiring wiring, BranchKey key, Outcome outcome, Remembered.@Nullable Teller teller) {
    if (outcome == Outcome.ABORT) {
      long now = wiring.loop().nanoTime();
      wiring
          .tables()
          .remembered()
          .put(
              key,
              new Remembered.Memory(
                  BranchOutcome.ABORTED,
                  "",
                  now + Bounds.MAX_TIMEOUT.toNanos(),
                  null,
                  null,
                  teller),
              now);
    }
    return new Told(Acknowledgement.DONE, "");
  }

  private static Told remembered(Remembered.Memory memory, Outcome told) {
    boolean agrees =
        switch (memory.outcome()) {
          case COMMITTED -> told == Outcome.COMMIT;
          case ABORTED -> told == Outcome.ABORT;
          case READ_ONLY -> true;
          case HAZARD -> false;
        };
    if (agrees) {
      return new Told(Acknowledgement.DONE, "");
    }
    String detail =
        memory.outcome() == BranchOutcome.HAZARD
            ? memory.detail()
            : "told " + told + " after the branch ended " + memory.outcome();
    return new Told(Acknowledgement.HAZARD, detail);
  }
}
