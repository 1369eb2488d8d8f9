package io.handfast.benchmarks;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.coordinator.CoordinatorCore;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.RootAnswer;
import io.handfast.tx.core.participant.ParticipantCore;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.TryAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** What the pure machines cost a transaction that commits: from the first event to the last. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StepBenchmark {
  /** Branches of the transaction, the root among them. */
  @Param({"2", "10"})
  public int branches;

  private final List<ParticipantEvent> branchEvents =
      List.of(
          new ParticipantEvent.Opened(),
          new ParticipantEvent.BegunDurable(),
          new ParticipantEvent.ServiceAnswered(TryAnswer.SUCCESS, ""),
          new ParticipantEvent.Told(Outcome.COMMIT, true),
          new ParticipantEvent.CompletionSucceeded(),
          new ParticipantEvent.EndDurable());
  private final List<CoordinatorEvent> transactionEvents = new ArrayList<>();

  @Setup
  public void prepare() {
    List<BranchVote> votes = new ArrayList<>();
    transactionEvents.add(new CoordinatorEvent.Began(Samples.branch(1), true));
    for (int nth = 1; nth <= branches; nth++) {
      votes.add(Samples.prepared(nth));
    }
    transactionEvents.add(new CoordinatorEvent.RootClosed(votes, RootAnswer.SUCCESS, false));
    transactionEvents.add(new CoordinatorEvent.DecisionDurable());
    for (int nth = 1; nth <= branches; nth++) {
      transactionEvents.add(
          new CoordinatorEvent.Acknowledged(Samples.branch(nth).key(), Acknowledgement.DONE, ""));
    }
  }

  @Benchmark
  public ParticipantState branchThatCommits(Blackhole effects) {
    ParticipantState state = new ParticipantState.New(Samples.branch(2));
    for (ParticipantEvent event : branchEvents) {
      var transition = ParticipantCore.step(state, event);
      effects.consume(transition.effects());
      state = transition.next();
    }
    return state;
  }

  @Benchmark
  public CoordinatorState transactionThatCommits(Blackhole effects) {
    CoordinatorState state = new CoordinatorState.New(Samples.TX);
    for (CoordinatorEvent event : transactionEvents) {
      var transition = CoordinatorCore.step(state, event);
      effects.consume(transition.effects());
      state = transition.next();
    }
    return state;
  }
}
