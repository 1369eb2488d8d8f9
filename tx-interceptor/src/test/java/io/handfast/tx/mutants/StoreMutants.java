package io.handfast.tx.mutants;

import io.handfast.transaction.v1.BranchBegun;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.explorer.Machines;
import java.util.List;
import java.util.function.UnaryOperator;

/** Checkpoints that forget something, and writes to etcd that compare too little. */
final class StoreMutants {
  static final List<Mutant> ALL =
      List.of(
          keeping("checkpoint without decisions", StoreMutants::withoutDecisions),
          keeping("checkpoint without BEGUN", StoreMutants::withoutBegun),
          keeping("checkpoint without branch records", StoreMutants::withoutPrepared),
          keeping("checkpoint without a branch's own decision", StoreMutants::withoutDecided),
          keeping("checkpoint with BEGUN for the branch record", StoreMutants::begunForPrepared),
          keeping("checkpoint with a part of the decision", StoreMutants::partOfDecisions),
          keeping(
              "checkpoint without decisions when no branch is left here",
              live -> live.stream().allMatch(Record::hasDecision) ? List.of() : live));

  /** What it forgets is what operators have decided. */
  static final List<Mutant> OPERATOR =
      List.of(
          keeping(
              "checkpoint without an operator's decision",
              live -> live.stream().filter(record -> !record.hasResolved()).toList()),
          keeping(
              "checkpoint without ends that stay",
              live -> live.stream().filter(record -> !record.hasBranchEnded()).toList()),
          keeping(
              "checkpoint without the truth about them",
              live -> live.stream().filter(record -> !record.hasSettled()).toList()));

  /** Of the store on etcd. */
  static final List<Mutant> ETCD =
      List.of(
          comparing("etcd: decide without comparing that nothing stands", "/decisions/"),
          comparing("etcd: write a branch record without compare-and-set", "/branches/"));

  private StoreMutants() {}

  private static Mutant comparing(String name, String all) {
    return new Mutant(
        name,
        new Machines() {
          @Override
          public boolean compares(String key) {
            return !key.contains(all);
          }
        });
  }

  private static Mutant keeping(String name, UnaryOperator<List<Record>> kept) {
    return new Mutant(
        name,
        new Machines() {
          @Override
          public List<Record> kept(List<Record> live) {
            return kept.apply(live);
          }
        });
  }

  private static List<Record> withoutDecisions(List<Record> live) {
    return live.stream().filter(record -> !record.hasDecision()).toList();
  }

  private static List<Record> withoutBegun(List<Record> live) {
    return live.stream().filter(record -> !record.hasBegun()).toList();
  }

  private static List<Record> withoutPrepared(List<Record> live) {
    return live.stream().filter(record -> !record.hasPrepared()).toList();
  }

  private static List<Record> withoutDecided(List<Record> live) {
    return live.stream().filter(record -> !record.hasDecided()).toList();
  }

  private static List<Record> begunForPrepared(List<Record> live) {
    return live.stream()
        .map(record ->
            record.hasPrepared()
                ? Record.newBuilder()
                    .setBegun(
                        BranchBegun.newBuilder()
                            .setBranch(record.getPrepared().getBranch())
                            .setCancel(record.getPrepared().getCancel()))
                    .build()
                : record)
        .toList();
  }

  private static List<Record> partOfDecisions(List<Record> live) {
    return live.stream()
        .map(record ->
            record.hasDecision()
                ? record.toBuilder()
                    .setDecision(record.getDecision().toBuilder().removeBranches(0))
                    .build()
                : record)
        .toList();
  }
}
