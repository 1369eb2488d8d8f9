package io.handfast.tx.engine;

import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.operator.TransactionSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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
    List<ParticipantDriver> running =
        wiring.tables().participants().stream()
            .filter(driver -> driver.branch().tx().equals(tx))
            .toList();
    CoordinatorDriver coordinator = wiring.tables().coordinator(tx);
    List<BranchView> branches = new ArrayList<>(story.endedBranches());
    running.forEach(driver -> branches.add(view(driver)));
    branches.addAll(wiring.kept().views(tx));
    addUnlessShown(branches, Elsewhere.views(coordinator, running));
    addUnlessShown(branches, story.elsewhere());
    return Optional.of(
        new TransactionDetail(
            story.summary(wiring.loop().epochMillis()),
            branches,
            story.timeline(),
            story.omitted(),
            coordinator == null ? List.of() : coordinator.awaited()));
  }

  /** A branch that runs or ran here says more of itself. */
  private static void addUnlessShown(List<BranchView> shown, List<BranchView> more) {
    Set<String> ids = shown.stream().map(BranchView::branchId).collect(Collectors.toSet());
    more.stream().filter(view -> !ids.contains(view.branchId())).forEach(shown::add);
  }

  static BranchView view(ParticipantDriver driver) {
    var branch = driver.branch();
    BlockHandle block = driver.effects().link().block();
    return new BranchView(
        branch.id().toString(),
        branch.service(),
        branch.participant().toString(),
        branch.mode(),
        state(driver.state()),
        driver.vote(),
        WhoWaits.of(driver),
        block == null ? "" : block.toString(),
        block == null ? "" : block.globalId(branch.tx(), branch.id(), driver.decider()).toString());
  }

  private static String state(ParticipantState state) {
    if (state instanceof ParticipantState.Ended ended) {
      return Names.lower(ended.outcome());
    }
    return ParticipantDriver.isInDoubt(state) ? "in-doubt" : Names.ofState(state);
  }
}
