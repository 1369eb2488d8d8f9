package io.handfast.tx.core.participant;

import static io.handfast.tx.core.participant.Rows.stay;
import static io.handfast.tx.core.participant.Rows.to;

import io.handfast.tx.core.Member;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerPreCommit;
import io.handfast.tx.core.participant.ParticipantEffect.AskStanding;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.ForcePreCommitted;
import io.handfast.tx.core.participant.ParticipantEffect.ForceWithdrawal;
import io.handfast.tx.core.participant.ParticipantEffect.Inquire;
import io.handfast.tx.core.participant.ParticipantEffect.StartTimer;
import io.handfast.tx.core.participant.Round.Stage;
import io.handfast.tx.core.participant.Uncertain.Phase;
import java.util.ArrayList;
import java.util.List;

/**
 * The termination protocol of THREE_PHASE. Of the members that live and have not been away the
 * lowest ends the transaction: one that has pre-committed among them means COMMIT, none means
 * ABORT. Members that have been away follow, unless all have been: then the lowest of all decides
 * likewise, once it has heard all.
 */
final class TerminationRows {
  private TerminationRows() {}

  /**
   * Asks whether the coordinator lives; unless a round is under way. While it does nobody else is
   * asked, for a member that has not promised yet would abort.
   */
  static Transition<ParticipantState, ParticipantEffect> start(Uncertain s) {
    if (s.round().stage() != Stage.NONE || s.phase() == Phase.WITHDRAWING) {
      return stay(s);
    }
    Uncertain next = s.calling();
    return to(next, new CancelTimer(TimerKind.INQUIRY), new Inquire(next.inquiries()));
  }

  /** An operator's word was not recorded. To the others it was silent, as one that has died. */
  static Transition<ParticipantState, ParticipantEffect> resumed(Uncertain s) {
    Uncertain away = s.failed(s.phase());
    return s.round().stage() == Stage.NONE ? start(away) : proceed(away, List.of());
  }

  private static void ask(
      Uncertain s, List<Member> members, boolean preCommit, List<ParticipantEffect> effects) {
    boolean elects =
        s.round().stage() != Stage.PROBING && !s.away(); // who has been away counts nobody
    int attempt = Math.max(1, s.inquiries());
    members.forEach(member -> effects.add(new AskStanding(member, preCommit, elects, attempt)));
  }

  static Transition<ParticipantState, ParticipantEffect> coordinatorSaid(
      Uncertain s, boolean lives) {
    if (!s.round().coordinator()) {
      return stay(s);
    }
    Uncertain told = s.with(s.round().coordinatorSaid(lives));
    return proceed(lives ? told.heeding(null) : told, List.of());
  }

  static Transition<ParticipantState, ParticipantEffect> memberSaid(
      Uncertain s, ParticipantKey member, Standing standing) {
    return s.round().open().contains(member)
        ? proceed(s.with(s.round().heard(member, standing)), List.of())
        : stay(s);
  }

  static Transition<ParticipantState, ParticipantEffect> memberSilent(
      Uncertain s, ParticipantKey member) {
    return s.round().open().contains(member)
        ? proceed(s.with(s.round().silent(member)), List.of())
        : stay(s);
  }

  /**
   * The coordinator's answer, or that there is none, while an operator's word is written: heard, so
   * that it is not taken for one to a later question, and as good as that it lives.
   */
  static Uncertain heard(Uncertain s) {
    return s.round().coordinator() ? s.with(s.round().coordinatorSaid(true)) : s;
  }

  /** The same of a member: as good as that it says nothing. */
  static Uncertain heard(Uncertain s, ParticipantKey member) {
    return s.round().open().contains(member)
        ? s.with(s.round().heard(member, Standing.UNKNOWN))
        : s;
  }

  /** Its own record is durable: who asked for it is answered. */
  static Transition<ParticipantState, ParticipantEffect> preCommitted(Uncertain s) {
    return proceed(s, List.of(new AnswerPreCommit(s.standing())));
  }

  /**
   * The record may be durable all the same. What it says is not told, and this branch is as one
   * that has died: it follows the others. A withdrawal is written again, for it may stand.
   */
  static Transition<ParticipantState, ParticipantEffect> writeFailed(Uncertain s) {
    return switch (s.phase()) {
      case PRE_COMMITTING -> {
        Uncertain next = s.failed(Phase.READY);
        yield proceed(next, List.of(new AnswerPreCommit(next.standing())));
      }
      case WITHDRAWING -> later(s.failed(Phase.WITHDRAWING), List.of());
      case READY, PRE_COMMITTED -> stay(s);
    };
  }

  private static Transition<ParticipantState, ParticipantEffect> proceed(
      Uncertain s, List<ParticipantEffect> effects) {
    if (!s.round().isOver()) {
      return to(s, effects);
    }
    return switch (s.round().stage()) {
      case NONE -> to(s, effects);
      case CALLING -> s.round().pending() ? later(s, effects) : probe(s, effects);
      case PROBING -> othersTurn(s) ? later(s, effects) : gather(s, effects);
      case GATHERING -> gathered(s, effects);
      case PRE_COMMITTING -> allPreCommitted(s, effects);
    };
  }

  private static boolean othersTurn(Uncertain s) {
    return s.round().heard().values().stream().anyMatch(Standing::isOperational);
  }

  /** Asked again after a while, for ever: the others, or those who come back, will know. */
  private static Transition<ParticipantState, ParticipantEffect> later(
      Uncertain s, List<ParticipantEffect> first) {
    List<ParticipantEffect> effects = new ArrayList<>(first);
    effects.add(new StartTimer(TimerKind.INQUIRY, Math.max(1, s.inquiries())));
    return to(s.with(Round.NONE), effects);
  }

  /** The coordinator has died: asks whether anybody lives whose turn it is. */
  private static Transition<ParticipantState, ParticipantEffect> probe(
      Uncertain s, List<ParticipantEffect> first) {
    List<Member> lower = s.lower();
    Uncertain next = s.with(Round.probing(lower));
    List<ParticipantEffect> effects = new ArrayList<>(first);
    ask(next, lower, false, effects);
    return proceed(next, effects);
  }

  private static Transition<ParticipantState, ParticipantEffect> gather(
      Uncertain s, List<ParticipantEffect> first) {
    List<Member> others = s.others();
    Uncertain next = s.with(Round.gathering(others));
    List<ParticipantEffect> effects = new ArrayList<>(first);
    ask(next, others, false, effects);
    return proceed(next, effects);
  }

  private static Transition<ParticipantState, ParticipantEffect> gathered(
      Uncertain s, List<ParticipantEffect> first) {
    if (!mayDecide(s)) {
      return later(s, first);
    }
    boolean known = s.standing().isPreCommitted();
    List<Member> uncertain = new ArrayList<>();
    for (Member member : s.others()) {
      Standing standing = s.round().heard().get(member.key());
      if (standing == null || standing.isAway() != s.away()) {
        continue; // it has died, or follows when it is back
      }
      known |= standing.isPreCommitted();
      if (standing == Standing.READY || standing == Standing.AWAY_READY) {
        uncertain.add(member);
      }
    }
    return known ? preCommit(s, uncertain, first) : withdraw(s, first);
  }

  /** Who has been away decides if all have been, all can be heard, and it is the first of them. */
  private static boolean mayDecide(Uncertain s) {
    if (!s.away()) {
      return true;
    }
    if (s.restored()) {
      return false; // it may have ended since the backup was made
    }
    for (Member member : s.others()) {
      Standing standing = s.round().heard().get(member.key());
      boolean counts = standing != null && standing.isAway();
      if (!counts && standing != Standing.OUT) {
        return false;
      }
      if (counts && s.lower().contains(member)) {
        return false;
      }
    }
    return true;
  }

  /** Nobody who decides knows that all have promised, so nobody has committed. */
  private static Transition<ParticipantState, ParticipantEffect> withdraw(
      Uncertain s, List<ParticipantEffect> first) {
    List<ParticipantEffect> effects = new ArrayList<>(first);
    effects.add(new ForceWithdrawal());
    return to(s.with(Round.NONE).with(Phase.WITHDRAWING), effects);
  }

  private static Transition<ParticipantState, ParticipantEffect> preCommit(
      Uncertain s, List<Member> uncertain, List<ParticipantEffect> first) {
    List<ParticipantEffect> effects = new ArrayList<>(first);
    Uncertain next = s.with(Round.preCommitting(uncertain));
    if (s.phase() == Phase.READY) {
      next = next.with(Phase.PRE_COMMITTING);
      effects.add(new ForcePreCommitted());
    }
    ask(next, uncertain, true, effects);
    return proceed(next, effects);
  }

  /** Who has died meanwhile will follow. */
  private static Transition<ParticipantState, ParticipantEffect> allPreCommitted(
      Uncertain s, List<ParticipantEffect> first) {
    if (s.phase() == Phase.PRE_COMMITTING) {
      return to(s, first);
    }
    boolean refused =
        s.phase() != Phase.PRE_COMMITTED
            || s.round().heard().containsValue(Standing.READY)
            || s.round().heard().containsValue(Standing.UNKNOWN);
    if (refused) {
      return later(s, first);
    }
    Transition<ParticipantState, ParticipantEffect> commits = ThreePhaseRows.commit(s, false);
    List<ParticipantEffect> effects = new ArrayList<>(first);
    effects.addAll(commits.effects());
    return to(commits.next(), effects);
  }
}
