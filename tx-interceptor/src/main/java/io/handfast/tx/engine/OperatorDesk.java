package io.handfast.tx.engine;

import io.handfast.tx.core.TxId;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.Uncertain;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.operator.TransactionSummary;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What operators are shown. Confined to the engine's loop. */
final class OperatorDesk {
  private final Wiring wiring;

  OperatorDesk(Wiring wiring) {
    this.wiring = wiring;
  }

  TransactionList list(TransactionFilter filter) {
    wiring.checkLoop();
    long now = wiring.loop().epochMillis();
    List<TransactionSummary> running =
        wiring.history().running().stream()
            .map(story -> story.summary(now))
            .filter(filter::matches)
            .sorted(TransactionSummary.BY_URGENCY)
            .toList();
    List<TransactionSummary> recent =
        wiring.history().recent(now).stream()
            .map(story -> story.summary(now))
            .filter(filter::matches)
            .toList();
    int shownRunning = Math.min(running.size(), filter.limit());
    int shownRecent = Math.min(recent.size(), filter.limit());
    return new TransactionList(
        wiring.config().service(),
        wiring.config().authority().toString(),
        wiring.storeId().value(),
        running.subList(0, shownRunning),
        wiring.meters().inDoubt(),
        recent.subList(0, shownRecent),
        running.size() - shownRunning + recent.size() - shownRecent);
  }

  Optional<TransactionDetail> show(TxId tx) {
    wiring.checkLoop();
    Story story = wiring.history().find(tx);
    if (story == null) {
      return Optional.empty();
    }
    Stream<BranchView> running =
        wiring.tables().participants().stream()
            .filter(driver -> driver.branch().tx().equals(tx))
            .map(OperatorDesk::view);
    List<BranchView> branches =
        Stream.of(story.endedBranches().stream(), running, wiring.kept().views(tx).stream())
            .flatMap(it -> it)
            .toList();
    CoordinatorDriver coordinator = wiring.tables().coordinator(tx);
    return Optional.of(
        new TransactionDetail(
            story.summary(wiring.loop().epochMillis()),
            branches,
            story.timeline(),
            story.omitted(),
            coordinator == null ? List.of() : coordinator.awaited()));
  }

  static BranchView view(ParticipantDriver driver) {
    var branch = driver.branch();
    return new BranchView(
        branch.id().toString(),
        branch.service(),
        branch.participant().toString(),
        branch.mode(),
        state(driver.state()),
        driver.vote(),
        waitsFor(driver));
  }

  private static String waitsFor(ParticipantDriver driver) {
    var decider = driver.decider();
    String coordinator = decider.store() + " at " + decider.authority();
    return switch (driver.state()) {
      case ParticipantState.Prepared s ->
          "the outcome, from " + coordinator + " (asked " + s.inquiries() + " times)";
      case Uncertain s ->
          "the outcome, from %s or the other members %s (%s%s, asked %d times)"
              .formatted(
                  coordinator,
                  s.others().stream().map(it -> it.participant().toString()).toList(),
                  Names.lower(s.phase()),
                  s.away() ? ", has been away" : "",
                  s.inquiries());
      case ParticipantState.AwaitingPrepare _ -> "to be asked to prepare, by " + coordinator;
      case ParticipantState.Working _ -> "its service, and calls below";
      case ParticipantState.Closing _ -> "votes of calls below";
      case ParticipantState.Confirming s -> "its service to confirm, attempt " + s.attempt();
      case ParticipantState.Cancelling s -> "its service to cancel, attempt " + s.attempt();
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
          "its store";
      case ParticipantState.Ended _ -> "";
    };
  }

  private static String state(ParticipantState state) {
    if (state instanceof ParticipantState.Ended ended) {
      return Names.lower(ended.outcome());
    }
    return ParticipantDriver.isInDoubt(state) ? "in-doubt" : Names.ofState(state);
  }
}
