package io.handfast.tx.engine.observe;

import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.participant.ParticipantEvent;
import java.util.Locale;

/** How states and events are written for people: {@code aborted-working}, {@code told commit}. */
public final class Names {
  private static final ClassValue<String> STATES = words('-');
  private static final ClassValue<String> EVENTS = words(' ');

  private Names() {}

  /** The name of a state. */
  public static String ofState(Object state) {
    return ofType(state.getClass());
  }

  /** The name of states of that type. */
  public static String ofType(Class<?> state) {
    return STATES.get(state);
  }

  /** What happened to a branch. */
  public static String of(ParticipantEvent event) {
    return switch (event) {
      case ParticipantEvent.Recovered e -> "recovered " + lower(e.found());
      case ParticipantEvent.WriteFailed e ->
          "write of " + lower(e.write()) + " failed: " + e.reason();
      case ParticipantEvent.ServiceAnswered e ->
          "service answered: " + lower(e.answer()) + detail(e.detail());
      case ParticipantEvent.CallOpened e -> "call opened: " + e.call();
      case ParticipantEvent.CallVoted e -> "call voted: " + e.call();
      case ParticipantEvent.CallEnded e ->
          "call ended: " + e.call() + (e.failure() == null ? "" : detail(e.failure()));
      case ParticipantEvent.Told e -> "told " + lower(e.outcome());
      case ParticipantEvent.InquiryAnswered e -> "inquiry answered: " + lower(e.answer());
      case ParticipantEvent.OperatorDecided e -> "operator decided " + lower(e.outcome());
      case ParticipantEvent.OwnDecisionInDoubt e -> "own decision in doubt" + detail(e.reason());
      case ParticipantEvent.ServicePrepared e ->
          "service prepared: " + lower(e.answer()) + detail(e.detail());
      case ParticipantEvent.CompletionFailed e -> "completion failed" + detail(e.detail());
      case ParticipantEvent.CompletionRefused e -> "completion refused" + detail(e.detail());
      case ParticipantEvent.TimerFired e -> "timer: " + lower(e.kind());
      case ParticipantEvent.StandingAnswered e ->
          "standing answered: " + e.member() + " " + lower(e.standing());
      case ParticipantEvent.StandingUnanswered e -> "standing unanswered: " + e.member();
      case ParticipantEvent.Opened _,
          ParticipantEvent.PreparedInResource _,
          ParticipantEvent.BegunWritten _,
          ParticipantEvent.BegunDurable _,
          ParticipantEvent.RecordDurable _,
          ParticipantEvent.EndDurable _,
          ParticipantEvent.AnswerStarted _,
          ParticipantEvent.VoteUnknown _,
          ParticipantEvent.InquiryUnanswered _,
          ParticipantEvent.PrepareRequested _,
          ParticipantEvent.DelegationRequested _,
          ParticipantEvent.CanCommitRequested _,
          ParticipantEvent.PreCommitRequested _,
          ParticipantEvent.StandingRequested _,
          ParticipantEvent.CompletionSucceeded _ ->
          EVENTS.get(event.getClass());
    };
  }

  public static String of(CoordinatorEvent event) {
    return switch (event) {
      case CoordinatorEvent.Doomed e -> "doomed" + detail(e.blame().reason());
      case CoordinatorEvent.RootClosed e ->
          "root closed: " + lower(e.answer()) + ", " + e.votes().size() + " votes";
      case CoordinatorEvent.PrepareAnswered e ->
          "prepare answered: " + e.participant() + " " + lower(e.vote()) + detail(e.reason());
      case CoordinatorEvent.PrepareUnanswered e ->
          "prepare unanswered: " + e.participant() + detail(e.reason());
      case CoordinatorEvent.DelegationAnswered e ->
          "delegation answered: " + e.participant() + " " + lower(e.answer()) + detail(e.reason());
      case CoordinatorEvent.DelegationUnanswered e ->
          "delegation unanswered: " + e.participant() + detail(e.reason());
      case CoordinatorEvent.DecisionRefused e -> "decision refused" + detail(e.reason());
      case CoordinatorEvent.DecisionFailed e -> "decision failed" + detail(e.reason());
      case CoordinatorEvent.DecisionLost e -> "decision lost" + detail(e.reason());
      case CoordinatorEvent.Unresolved e -> "unresolved" + detail(e.reason());
      case CoordinatorEvent.Unresolvable e -> "unresolvable" + detail(e.reason());
      case CoordinatorEvent.Acknowledged e ->
          "acknowledged: " + e.participant() + " " + lower(e.acknowledgement());
      case CoordinatorEvent.Undelivered e -> "undelivered: " + e.participant();
      case CoordinatorEvent.TimerFired e -> "timer: " + lower(e.kind());
      case CoordinatorEvent.PreCommitFailed e -> "pre commit failed" + detail(e.reason());
      case CoordinatorEvent.MemberAnswered e ->
          "member answered: " + e.participant() + " " + lower(e.standing());
      case CoordinatorEvent.MemberUnanswered e -> "member unanswered: " + e.participant();
      case CoordinatorEvent.Began _,
          CoordinatorEvent.Recovered _,
          CoordinatorEvent.Struck _,
          CoordinatorEvent.DecisionDurable _,
          CoordinatorEvent.RecoveredPreCommit _,
          CoordinatorEvent.PreCommitDurable _,
          CoordinatorEvent.ClientGone _ ->
          EVENTS.get(event.getClass());
    };
  }

  /**
   * What is kept of an event until somebody wants to read it: the event, or its text where it holds
   * on to more than that says.
   */
  public static Object note(ParticipantEvent event) {
    return event instanceof ParticipantEvent.CallVoted ? of(event) : event;
  }

  /** As {@link #note(ParticipantEvent)}. */
  public static Object note(CoordinatorEvent event) {
    return switch (event) {
      case CoordinatorEvent.Recovered _,
          CoordinatorEvent.RecoveredPreCommit _,
          CoordinatorEvent.Struck _,
          CoordinatorEvent.Doomed _,
          CoordinatorEvent.RootClosed _ ->
          of(event);
      case CoordinatorEvent.Began _,
          CoordinatorEvent.PrepareAnswered _,
          CoordinatorEvent.PrepareUnanswered _,
          CoordinatorEvent.DelegationAnswered _,
          CoordinatorEvent.DelegationUnanswered _,
          CoordinatorEvent.DecisionDurable _,
          CoordinatorEvent.DecisionRefused _,
          CoordinatorEvent.DecisionFailed _,
          CoordinatorEvent.DecisionLost _,
          CoordinatorEvent.Unresolved _,
          CoordinatorEvent.Unresolvable _,
          CoordinatorEvent.Acknowledged _,
          CoordinatorEvent.Undelivered _,
          CoordinatorEvent.ClientGone _,
          CoordinatorEvent.PreCommitDurable _,
          CoordinatorEvent.PreCommitFailed _,
          CoordinatorEvent.MemberAnswered _,
          CoordinatorEvent.MemberUnanswered _,
          CoordinatorEvent.TimerFired _ ->
          event;
    };
  }

  /** The words of a note. */
  public static String text(Object note) {
    return switch (note) {
      case ParticipantEvent event -> of(event);
      case CoordinatorEvent event -> of(event);
      default -> note.toString();
    };
  }

  public static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String detail(String text) {
    return text.isEmpty() ? "" : ": " + text;
  }

  /** The words of a type's name, made once for each. */
  private static ClassValue<String> words(char between) {
    return new ClassValue<>() {
      @Override
      protected String computeValue(Class<?> type) {
        return words(type.getSimpleName(), between);
      }
    };
  }

  private static String words(String name, char between) {
    StringBuilder out = new StringBuilder(name.length() + 4);
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c) && i > 0) {
        out.append(between);
      }
      out.append(Character.toLowerCase(c));
    }
    return out.toString();
  }
}
