package io.handfast.tx.engine;

import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.Deliveries;
import io.handfast.tx.core.coordinator.PreCommitting;
import io.handfast.tx.core.coordinator.Questions;
import io.handfast.tx.core.coordinator.Settling;
import io.handfast.tx.core.participant.Calls;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.Uncertain;
import io.handfast.tx.engine.observe.Names;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whom a machine waits for, in words. Confined to the engine's loop, as what it reads. */
final class WhoWaits {
  private static final String STORE = "its store";

  private WhoWaits() {}

  /**
   * Whom a coordinator waits for.
   *
   * @param root the boundary's own branch; null after a restart
   */
  static List<String> of(CoordinatorState state, @Nullable ParticipantDriver root) {
    List<String> awaited = new ArrayList<>();
    switch (state) {
      case CoordinatorState.Active s -> {
        awaited.add(root == null ? s.root().service() + ", to close its branch" : closing(root));
        owed(awaited, s.deliveries());
      }
      case CoordinatorState.Asking s -> {
        asked(awaited, s.questions(), "to prepare");
        owed(awaited, s.deliveries());
      }
      case CoordinatorState.Delegating s -> {
        awaited.add(who(s.branch()) + " to decide for " + s.branch().branch() + asked(s.attempt()));
        owed(awaited, s.deliveries());
      }
      case CoordinatorState.Deciding s -> {
        awaited.add(STORE + ", to force the decision");
        owed(awaited, s.deliveries());
      }
      case PreCommitting s -> {
        switch (s.stage()) {
          case RECORDING -> awaited.add(STORE + ", to record that all have promised");
          case TELLING -> asked(awaited, s.questions(), "to pre-commit");
          case DECIDING -> awaited.add(STORE + ", to force the decision");
        }
        owed(awaited, s.deliveries());
      }
      case Settling s -> {
        for (BranchVote branch : s.prepared()) {
          awaited.add(
              who(branch) + " to say what became of " + branch.branch() + asked(s.attempt()));
        }
      }
      case CoordinatorState.Committing s -> owed(awaited, s.deliveries());
      case CoordinatorState.Aborting s -> owed(awaited, s.deliveries());
      case CoordinatorState.InDoubt s -> {
        awaited.add(
            STORE
                + ": the decision's write failed; a journal is read again by a restart of this"
                + " sidecar");
        owed(awaited, s.deliveries());
      }
      case CoordinatorState.New _, CoordinatorState.Ended _ -> {}
    }
    return awaited;
  }

  private static String closing(ParticipantDriver root) {
    return root.branch().service()
        + " here to close "
        + root.branch().id()
        + ", which waits for "
        + of(root);
  }

  private static void asked(List<String> awaited, Questions questions, String what) {
    questions
        .open()
        .values()
        .forEach(it ->
            awaited.add(
                who(it.branch()) + " " + what + " " + it.branch().branch() + asked(it.attempt())));
  }

  private static void owed(List<String> awaited, Deliveries deliveries) {
    deliveries
        .owed()
        .values()
        .forEach(it ->
            awaited.add(
                who(it.branch())
                    + " to acknowledge "
                    + it.outcome()
                    + " for "
                    + it.branch().branch()
                    + ", told "
                    + it.attempt()
                    + " times"));
  }

  private static String who(BranchVote branch) {
    return branch.service() + " at " + branch.participant();
  }

  private static String asked(int attempt) {
    return ", asked " + attempt + " times";
  }

  /** Whom a branch waits for; empty when it has ended. */
  static String of(ParticipantDriver driver) {
    var decider = driver.decider();
    String coordinator = decider.store() + " at " + decider.authority();
    return switch (driver.state()) {
      case ParticipantState.Prepared s ->
          "the outcome%s, from %s (asked %d times)"
              .formatted(ofBlock(driver), coordinator, s.inquiries());
      case Uncertain s ->
          "the outcome, from %s or the other members %s (%s%s, asked %d times)"
              .formatted(
                  coordinator,
                  s.others().stream().map(it -> it.participant().toString()).toList(),
                  Names.lower(s.phase()),
                  s.away() ? ", has been away" : "",
                  s.inquiries());
      case ParticipantState.AwaitingPrepare _ -> "to be asked to prepare, by " + coordinator;
      case ParticipantState.Working s ->
          s.calls().open() == 0 ? "its service" : "its service, and " + calls(driver, s.calls());
      case ParticipantState.Closing s -> s.calls().open() == 0 ? STORE : calls(driver, s.calls());
      case ParticipantState.Confirming s -> resource(driver, "confirm", "commit") + s.attempt();
      case ParticipantState.Cancelling s -> resource(driver, "cancel", "roll back") + s.attempt();
      case ParticipantState.AbortedWorking _ -> "its service's answer, to undo";
      case ParticipantState.BegunRecovered _ -> "the Try's timeout, to undo";
      case ParticipantState.Preparing _ -> "its service to prepare";
      case ParticipantState.New _,
          ParticipantState.Beginning _,
          ParticipantState.Withdrawn _,
          ParticipantState.Recording _,
          ParticipantState.Promising _,
          ParticipantState.DecidingAlone _,
          ParticipantState.Resolving _,
          ParticipantState.Ending _ ->
          STORE;
      case ParticipantState.Ended _ -> "";
    };
  }

  private static String ofBlock(ParticipantDriver driver) {
    BlockHandle block = driver.effects().link().block();
    return block == null ? "" : " of " + block + ", prepared in database " + block.database();
  }

  private static String resource(ParticipantDriver driver, String service, String database) {
    BlockHandle block = driver.effects().link().block();
    return block == null
        ? "its service to " + service + ", attempt "
        : "database %s to %s %s, attempt ".formatted(block.database(), database, block);
  }

  private static String calls(ParticipantDriver driver, Calls calls) {
    List<String> words = new ArrayList<>();
    for (BranchId id : calls.unanswered()) {
      if (driver.call(id) instanceof BlockDriver block) {
        words.add("COMMIT or ROLLBACK of " + block.words());
        continue;
      }
      words.add("the answer of " + destination(driver, id) + " to call " + id);
    }
    for (BranchId id : calls.unvoted()) {
      words.add("the votes of " + destination(driver, id) + " on call " + id);
    }
    return String.join(", ", words);
  }

  /** The cluster that was called. */
  static String destination(ParticipantDriver driver, BranchId id) {
    OpenCall call = driver.call(id);
    return call == null ? "a call" : call.destination();
  }
}
