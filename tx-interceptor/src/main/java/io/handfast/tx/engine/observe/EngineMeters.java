package io.handfast.tx.engine.observe;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Vote;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the engine counts. Meters are registered once, when the engine is made; counting allocates
 * nothing. Thread-safe.
 */
public final class EngineMeters {

  /** How a transaction ended for its client. */
  public enum Result {
    COMMITTED,
    ABORTED,
    UNKNOWN
  }

  /** What is no outcome of the protocol. */
  public enum Heuristic {
    /** An operator committed a branch in doubt. */
    COMMIT,
    /** An operator aborted a branch in doubt. */
    ROLLBACK,
    /** What an operator decided is not what the transaction came to. */
    MIXED,
    /** An outcome was refused for good, or contradicts what was done (T21). */
    HAZARD
  }

  private final Counter begun;
  private final Map<Result, Counter> outcomes = new EnumMap<>(Result.class);
  private final Map<Result, Timer> durations = new EnumMap<>(Result.class);
  private final Map<Vote, Counter> votes = new EnumMap<>(Vote.class);
  private final Map<Heuristic, Counter> heuristics = new EnumMap<>(Heuristic.class);
  private final Counter contextMissing;
  private final Counter branches;
  private final Counter duplicates;
  private final Counter inquiries;
  private final Counter redeliveries;
  private final Counter outcomesRefused;
  private final Counter votesRefused;
  private final Counter bugs;
  private final Refusals refusals;
  private final AtomicInteger transactionsInFlight = new AtomicInteger();
  private final AtomicInteger branchesInFlight = new AtomicInteger();
  private final AtomicInteger inDoubt = new AtomicInteger();
  private final AtomicInteger kept = new AtomicInteger();

  public EngineMeters(MeterRegistry registry) {
    refusals = new Refusals(registry);
    begun = counter(registry, "handfast.tx.begun", "Transactions begun here");
    for (Result result : Result.values()) {
      String name = result.name().toLowerCase(Locale.ROOT);
      outcomes.put(
          result,
          Counter.builder("handfast.tx.outcomes")
              .description("Transactions begun here, by what their client was told")
              .tag("outcome", name)
              .register(registry));
      durations.put(
          result,
          Timer.builder("handfast.tx.duration")
              .description("From the request to the outcome")
              .tag("outcome", name)
              .register(registry));
    }
    for (Vote vote : Vote.values()) {
      votes.put(
          vote,
          Counter.builder("handfast.tx.votes")
              .description("Votes of the branches that ran here")
              .tag("vote", vote.token())
              .register(registry));
    }
    for (Heuristic kind : Heuristic.values()) {
      heuristics.put(
          kind,
          Counter.builder("handfast.tx.heuristic")
              .description("Decided by operators, found mixed, or not carried out (T21)")
              .tag("kind", kind.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
    contextMissing =
        counter(
            registry,
            "handfast.tx.context.missing",
            "Calls refused because a transaction is required and they name none (T5)");
    branches = counter(registry, "handfast.tx.branches", "Branches opened here");
    duplicates = counter(registry, "handfast.tx.duplicates", "Calls that came more than once");
    inquiries = counter(registry, "handfast.tx.inquiries", "Questions asked in doubt (T15)");
    redeliveries = counter(registry, "handfast.tx.redeliveries", "Outcomes told more than once");
    outcomesRefused =
        counter(
            registry,
            "handfast.tx.outcome.refused",
            "Outcomes told by somebody else than the branch's decider (T20)");
    votesRefused =
        counter(
            registry,
            "handfast.tx.vote.refused",
            "Messages with votes of a call from a peer to whom it cannot have gone (T7)");
    bugs =
        counter(
            registry, "handfast.tx.illegal.transitions", "Events that a state cannot meet: a bug");
    gauge(registry, "handfast.tx.in.flight", "Transactions begun here", transactionsInFlight);
    gauge(registry, "handfast.tx.branches.in.flight", "Branches in flight", branchesInFlight);
    gauge(registry, "handfast.tx.in.doubt", "Branches and decisions in doubt", inDoubt);
    gauge(
        registry,
        "handfast.tx.heuristic.kept",
        "Ends that stay until the truth agrees, or somebody forgets them (T21)",
        kept);
  }

  private static Counter counter(MeterRegistry registry, String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private static void gauge(
      MeterRegistry registry, String name, String description, AtomicInteger value) {
    Gauge.builder(name, value, AtomicInteger::get).description(description).register(registry);
  }

  public void begun() {
    begun.increment();
  }

  public void ended(Result result, long nanos) {
    outcome(result).increment();
    Timer timer = durations.get(result);
    if (timer != null) {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  private Counter outcome(Result result) {
    Counter counter = outcomes.get(result);
    if (counter == null) {
      throw new IllegalStateException("outcome: " + result + " has no counter");
    }
    return counter;
  }

  public void voted(BranchVote vote) {
    Counter counter = votes.get(vote.vote());
    if (counter != null) {
      counter.increment();
    }
  }

  public void heuristic(Heuristic kind) {
    Counter counter = heuristics.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  public void kept(int now) {
    kept.set(now);
  }

  /** A request was not taken on. */
  public void refused(Refusals.Reason reason) {
    refusals.count(reason);
  }

  public void contextMissing() {
    contextMissing.increment();
  }

  public void branchOpened() {
    branches.increment();
  }

  public void duplicate() {
    duplicates.increment();
  }

  public void inquiry() {
    inquiries.increment();
  }

  public void redelivery() {
    redeliveries.increment();
  }

  public void outcomeRefused() {
    outcomesRefused.increment();
  }

  public void voteRefused() {
    votesRefused.increment();
  }

  public void illegalTransition() {
    bugs.increment();
  }

  public void inFlight(int transactions, int branchCount) {
    transactionsInFlight.set(transactions);
    branchesInFlight.set(branchCount);
  }

  public void inDoubt(int delta) {
    inDoubt.addAndGet(delta);
  }

  public int inDoubt() {
    return inDoubt.get();
  }
}
