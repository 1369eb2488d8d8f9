package io.handfast.tx.simulation;

import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.BranchSettled;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Resolution;
import io.handfast.transaction.v1.TransactionEnded;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.engine.base.BranchRecords;
import io.handfast.tx.engine.base.Messages;
import java.util.Set;
import java.util.stream.Collectors;

/** Entries as the records that the engine writes, and back. Pure. */
final class Records {
  private static final Completion REQUEST = Completion.getDefaultInstance();
  private static final long REMAINING_MS = 60_000;
  private static final long TRY_TIMEOUT_MS = 1_000;

  private Records() {}

  static Record.Builder of(Scenario scenario, Entry entry) {
    return switch (entry) {
      case Entry.Begun e -> branch(scenario, e.node()).begun();
      case Entry.Prepared e ->
          Record.newBuilder().setPrepared(branch(scenario, e.node()).prepared());
      case Entry.Decided e -> branch(scenario, e.node()).decided();
      case Entry.Decision e -> decision(scenario, e);
      case Entry.BranchEnded e -> {
        BranchRecords records = branch(scenario, e.node());
        records.resolve(e.word() == null ? null : resolution(e.word()));
        yield records.ended(e.outcome(), "");
      }
      case Entry.Resolved e ->
          branch(scenario, e.node()).resolved(resolution(e.outcome()), true, false);
      case Entry.Settled e ->
          Record.newBuilder()
              .setSettled(
                  BranchSettled.newBuilder()
                      .setTxId(Messages.bytes(Scenario.TX))
                      .setBranchId(scenario.nodes().get(e.node()).branch().id().bits())
                      .setTruth(outcome(e.truth())));
      case Entry.TransactionEnded e ->
          Record.newBuilder()
              .setEnded(
                  TransactionEnded.newBuilder()
                      .setTxId(Messages.bytes(Scenario.TX))
                      .setHazard(e.hazard()));
    };
  }

  private static Resolution resolution(Outcome outcome) {
    return Resolution.newBuilder()
        .setOutcome(outcome(outcome))
        .setBy("somebody")
        .setReason("because")
        .build();
  }

  private static BranchOutcome outcome(Outcome outcome) {
    return switch (outcome) {
      case COMMIT -> BranchOutcome.BRANCH_COMMITTED;
      case ABORT -> BranchOutcome.BRANCH_ABORTED;
    };
  }

  private static BranchRecords branch(Scenario scenario, int node) {
    Branch branch = scenario.nodes().get(node).branch();
    Branch root = scenario.nodes().getFirst().branch();
    return BranchRecords.opened(
        branch,
        new Decider(root.store(), root.participant(), null),
        REMAINING_MS,
        scenario.nodes().get(node).equivalent(),
        TRY_TIMEOUT_MS,
        REQUEST,
        REQUEST,
        null);
  }

  private static Record.Builder decision(Scenario scenario, Entry.Decision entry) {
    Decision.Builder decision =
        Decision.newBuilder()
            .setTxId(Messages.bytes(Scenario.TX))
            .setIncarnation(entry.incarnation())
            .setService(
                entry.incarnation() == 0 ? "" : scenario.nodes().getFirst().branch().service());
    entry.branches().stream()
        .sorted()
        .map(id -> scenario.yes(Scenario.nodeOf(id)))
        .forEach(vote -> decision.addBranches(Messages.decided(vote)));
    if (entry.own()) {
      decision.setOwn(branch(scenario, 0).prepared());
    }
    return Record.newBuilder().setDecision(decision);
  }

  static Entry entry(Record record) {
    return switch (record.getKindCase()) {
      case BEGUN -> new Entry.Begun(node(record.getBegun().getBranch()));
      case PREPARED -> new Entry.Prepared(node(record.getPrepared().getBranch()));
      case DECIDED -> new Entry.Decided(node(record.getDecided().getBranch()));
      case DECISION -> {
        Decision decision = record.getDecision();
        yield new Entry.Decision(branches(decision), decision.hasOwn(), decision.getIncarnation());
      }
      case BRANCH_ENDED ->
          new Entry.BranchEnded(
              Scenario.nodeOf(new BranchId(record.getBranchEnded().getBranchId())),
              Messages.branchOutcome(record.getBranchEnded().getOutcome()),
              record.getBranchEnded().hasResolution()
                  ? Heuristic.outcome(record.getBranchEnded().getResolution().getOutcome())
                  : null);
      case RESOLVED ->
          new Entry.Resolved(
              node(record.getResolved().getBranch()),
              Heuristic.outcome(record.getResolved().getResolution().getOutcome()));
      case SETTLED ->
          new Entry.Settled(
              Scenario.nodeOf(new BranchId(record.getSettled().getBranchId())),
              Heuristic.outcome(record.getSettled().getTruth()));
      case ENDED -> new Entry.TransactionEnded(record.getEnded().getHazard());
      case PRE_COMMIT, PRE_COMMITTED, WITHDRAWN, FORGOTTEN, ABORTED, KIND_NOT_SET ->
          throw new IllegalArgumentException("record: " + record + " (expected: one of a journal)");
    };
  }

  static Set<BranchId> branches(Decision decision) {
    return decision.getBranchesList().stream()
        .map(DecidedBranch::getBranchId)
        .map(BranchId::new)
        .collect(Collectors.toSet());
  }

  static BranchRef ref(Record record) {
    if (record.hasBegun()) {
      return record.getBegun().getBranch();
    }
    if (record.hasResolved()) {
      return record.getResolved().getBranch();
    }
    return record.hasDecided() ? record.getDecided().getBranch() : record.getPrepared().getBranch();
  }

  static int node(BranchRef ref) {
    return Scenario.nodeOf(new BranchId(ref.getBranchId()));
  }
}
