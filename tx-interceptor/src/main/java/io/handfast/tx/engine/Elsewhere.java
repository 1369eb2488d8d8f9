package io.handfast.tx.engine;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.Deliveries;
import io.handfast.tx.core.coordinator.PreCommitting;
import io.handfast.tx.core.coordinator.Questions;
import io.handfast.tx.core.coordinator.Settling;
import io.handfast.tx.core.participant.Calls;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.resource.DatabaseResource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known here of branches that run at other sidecars, for people: what calls of a branch
 * here have brought, and what the coordinator, if it is here, does with it. Confined to the
 * engine's loop, as what it reads.
 */
final class Elsewhere {
  private Elsewhere() {}

  /**
   * Those branches, each once; it may be that some run here as well.
   *
   * @param coordinator null where it is not here
   * @param branches that run here
   */
  static List<BranchView> views(
      @Nullable CoordinatorDriver coordinator, List<ParticipantDriver> branches) {
    Map<BranchId, BranchView> views = new LinkedHashMap<>();
    if (coordinator != null) {
      CoordinatorState state = coordinator.state();
      coordinator.votes().forEach(vote -> views.put(vote.branch(), view(vote, of(vote, state))));
    }
    for (ParticipantDriver driver : branches) {
      Calls calls = calls(driver.state());
      calls.votes().forEach(vote -> views.putIfAbsent(vote.branch(), view(vote, voted(vote))));
      calls.unvoted().forEach(id -> views.putIfAbsent(id, called(driver, id)));
      calls.unanswered().forEach(id -> views.putIfAbsent(id, called(driver, id)));
    }
    return List.copyOf(views.values());
  }

  /**
   * As they are when the coordinator forgets them, the first of them.
   *
   * @param here the boundary's own branch, which is no other's
   */
  static List<BranchView> atTheEnd(
      List<BranchVote> votes, CoordinatorState state, @Nullable BranchId here, int max) {
    List<BranchView> views = new ArrayList<>();
    for (BranchVote vote : votes) {
      if (!vote.branch().equals(here) && views.size() < max) {
        views.add(view(vote, of(vote, state)));
      }
    }
    return views;
  }

  private static Calls calls(ParticipantState state) {
    if (state instanceof ParticipantState.Working working) {
      return working.calls();
    }
    return state instanceof ParticipantState.Closing closing ? closing.calls() : Calls.empty();
  }

  private static BranchView called(ParticipantDriver driver, BranchId id) {
    if (driver.call(id) instanceof BlockDriver block) {
      return new BranchView(
          id.toString(),
          driver.branch().service(),
          driver.branch().participant().toString(),
          DatabaseResource.MODE,
          block.state(),
          "",
          "COMMIT or ROLLBACK of " + block.words(),
          block.handle(),
          block.globalId());
    }
    return new BranchView(
        id.toString(), WhoWaits.destination(driver, id), "", "", "called", "", "");
  }

  private static BranchView view(BranchVote vote, String state) {
    return new BranchView(
        vote.branch().toString(),
        vote.service(),
        vote.participant() == null ? "" : vote.participant().toString(),
        vote.mode(),
        state,
        vote.vote().token(),
        "",
        vote.handle(),
        "");
  }

  private static String voted(BranchVote vote) {
    return isUndone(vote) ? "aborted" : "voted";
  }

  /** Whether it, or its caller, has said no: it undoes by itself, or is told to. */
  private static boolean isUndone(BranchVote vote) {
    return vote.vote() == Vote.ABORT || vote.vote() == Vote.STRUCK;
  }

  private static String of(BranchVote vote, CoordinatorState state) {
    ParticipantKey key = vote.key();
    return switch (state) {
      case CoordinatorState.New _ -> voted(vote);
      case CoordinatorState.Active s -> owed(key, s.deliveries(), voted(vote));
      case CoordinatorState.Asking s ->
          owed(key, s.deliveries(), isOpen(s.questions(), key) ? "asked" : promised(vote));
      case CoordinatorState.Delegating s ->
          owed(
              key,
              s.deliveries(),
              vote.branch().equals(s.branch().branch()) ? "deciding" : promised(vote));
      case CoordinatorState.Deciding s -> owed(key, s.deliveries(), promised(vote));
      case CoordinatorState.InDoubt s -> owed(key, s.deliveries(), promised(vote));
      case Settling _ -> promised(vote);
      case PreCommitting s ->
          owed(
              key,
              s.deliveries(),
              s.stage() == PreCommitting.Stage.RECORDING || isOpen(s.questions(), key)
                  ? promised(vote)
                  : preCommitted(vote));
      case CoordinatorState.Committing s ->
          hazard(key, s.hazards(), owed(key, s.deliveries(), ended(vote, "committed")));
      case CoordinatorState.Aborting s ->
          hazard(key, s.hazards(), owed(key, s.deliveries(), ended(vote, "aborted")));
      case CoordinatorState.Ended s ->
          hazard(
              key,
              s.hazards(),
              switch (s.result()) {
                case COMMITTED -> ended(vote, "committed");
                case ABORTED -> ended(vote, "aborted");
                case UNKNOWN -> ended(vote, "unknown");
              });
    };
  }

  private static boolean isOpen(Questions questions, @Nullable ParticipantKey key) {
    return key != null && questions.open().containsKey(key);
  }

  private static String promised(BranchVote vote) {
    return ended(vote, "prepared");
  }

  private static String preCommitted(BranchVote vote) {
    return ended(vote, "pre-committed");
  }

  /** Who has dropped out is not concerned by what becomes of the others. */
  private static String ended(BranchVote vote, String others) {
    if (isUndone(vote)) {
      return "aborted";
    }
    return vote.vote() == Vote.READ_ONLY ? "read-only" : others;
  }

  private static String owed(
      @Nullable ParticipantKey key, Deliveries deliveries, String otherwise) {
    Deliveries.Delivery owed = key == null ? null : deliveries.owed().get(key);
    if (owed == null) {
      return otherwise;
    }
    return switch (owed.outcome()) {
      case COMMIT -> "told-commit";
      case ABORT -> "told-abort";
    };
  }

  private static String hazard(
      @Nullable ParticipantKey key, List<CoordinatorState.Hazard> hazards, String otherwise) {
    return hazards.stream().anyMatch(it -> it.participant().equals(key)) ? "hazard" : otherwise;
  }
}
