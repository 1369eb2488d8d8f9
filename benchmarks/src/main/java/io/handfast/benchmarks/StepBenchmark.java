package io.handfast.benchmarks;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Vote;
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
import org.openjdk.jmh.annotations.AuxCounters;
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

/**
 * What the pure machines cost a transaction that commits, from the first event to the last, and on
 * average each of its steps: at the coordinator three and one for each branch, or two for one that
 * is asked; at a branch six. Allocation with {@code -prof gc}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StepBenchmark {
  private final List<ParticipantEvent> branchEvents =
      List.of(
          new ParticipantEvent.Opened(),
          new ParticipantEvent.BegunDurable(),
          new ParticipantEvent.ServiceAnswered(TryAnswer.SUCCESS, ""),
          new ParticipantEvent.Told(Outcome.COMMIT, true),
          new ParticipantEvent.CompletionSucceeded(),
          new ParticipantEvent.EndDurable());

  /** Counts steps, so that JMH says what one takes beside what a transaction takes. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Steps {
    public long step;
  }

  /** What happens at a coordinator. */
  @State(Scope.Benchmark)
  public static class Events {
    /** Branches of the transaction, the root among them. */
    @Param({"1", "2", "4", "8", "16", "32", "64"})
    public int branches;

    private final List<CoordinatorEvent> voted = new ArrayList<>();
    private final List<CoordinatorEvent> asked = new ArrayList<>();

    @Setup
    public void prepare() {
      List<BranchVote> prepared = new ArrayList<>();
      List<BranchVote> ask = new ArrayList<>();
      List<CoordinatorEvent> answers = new ArrayList<>();
      List<CoordinatorEvent> acknowledgements = new ArrayList<>();
      for (int nth = 1; nth <= branches; nth++) {
        ParticipantKey key = Samples.branch(nth).key();
        prepared.add(Samples.branch(nth).vote(Vote.PREPARED, ""));
        ask.add(Samples.branch(nth).vote(Vote.ASK, ""));
        answers.add(new CoordinatorEvent.PrepareAnswered(key, Vote.PREPARED, ""));
        acknowledgements.add(new CoordinatorEvent.Acknowledged(key, Acknowledgement.DONE, ""));
      }
      voted.add(new CoordinatorEvent.Began(Samples.branch(1), true));
      voted.add(new CoordinatorEvent.RootClosed(prepared, RootAnswer.SUCCESS, false));
      voted.add(new CoordinatorEvent.DecisionDurable());
      voted.addAll(acknowledgements);
      asked.add(new CoordinatorEvent.Began(Samples.branch(1), true));
      asked.add(new CoordinatorEvent.RootClosed(ask, RootAnswer.SUCCESS, false));
      asked.addAll(answers);
      asked.add(new CoordinatorEvent.DecisionDurable());
      asked.addAll(acknowledgements);
    }
  }

  @Benchmark
  public ParticipantState branchThatCommits(Blackhole effects, Steps steps) {
    ParticipantState state = new ParticipantState.New(Samples.branch(2));
    for (ParticipantEvent event : branchEvents) {
      var transition = ParticipantCore.step(state, event);
      effects.consume(transition.effects());
      state = transition.next();
    }
    steps.step += branchEvents.size();
    return state;
  }

  @Benchmark
  public CoordinatorState transactionThatCommits(Events events, Blackhole effects, Steps steps) {
    return commit(events.voted, effects, steps);
  }

  @Benchmark
  public CoordinatorState transactionThatAsks(Events events, Blackhole effects, Steps steps) {
    return commit(events.asked, effects, steps);
  }

  private static CoordinatorState commit(
      List<CoordinatorEvent> events, Blackhole effects, Steps steps) {
    CoordinatorState state = new CoordinatorState.New(Samples.TX);
    for (CoordinatorEvent event : events) {
      var transition = CoordinatorCore.step(state, event);
      effects.consume(transition.effects());
      state = transition.next();
    }
    steps.step += events.size();
    return state;
  }
}
