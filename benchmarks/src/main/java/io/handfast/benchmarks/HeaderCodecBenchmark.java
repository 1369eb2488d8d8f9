package io.handfast.benchmarks;

import io.handfast.tx.context.Carriers;
import io.handfast.tx.context.ContextHeader;
import io.handfast.tx.context.MalformedHeaderException;
import io.handfast.tx.context.TransactionContext;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.context.VoteHeader;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.PeerIdentity;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What reading and writing the context and the votes costs a call. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HeaderCodecBenchmark {
  private final TransactionContext context =
      new TransactionContext(
          new TransactionIdentity(Samples.TX, Samples.branch(1).id(), false),
          new Decider(
              Samples.STORE,
              Samples.branch(1).participant(),
              new PeerIdentity("spiffe://mesh.example/ns/bank/sa/bank-a")),
          Samples.branch(1).participant(),
          2_000);
  private final List<String> contextHeader = List.of(ContextHeader.write(context));
  private final List<BranchVote> votes = List.of(Samples.prepared(1), Samples.prepared(2));
  private final List<String> voteHeader = List.of(VoteHeader.write(votes) + "");
  private final String traceState =
      "hf=" + Samples.TX + "-" + Samples.branch(1).id() + ",vendor=00f067aa0ba902b7";

  @Benchmark
  public String writeContext() {
    return ContextHeader.write(context);
  }

  @Benchmark
  public TransactionContext readContext() throws MalformedHeaderException {
    return ContextHeader.parse(contextHeader);
  }

  /** What comes out of an application that forwards W3C headers. */
  @Benchmark
  public Carriers.@Nullable Carried findIdentityInTraceState() throws MalformedHeaderException {
    return Carriers.find(name -> name.equals("tracestate") ? List.of(traceState) : List.of());
  }

  @Benchmark
  public @Nullable String writeTwoVotes() {
    return VoteHeader.write(votes);
  }

  @Benchmark
  public List<BranchVote> readTwoVotes() throws MalformedHeaderException {
    return VoteHeader.parse(voteHeader);
  }
}
