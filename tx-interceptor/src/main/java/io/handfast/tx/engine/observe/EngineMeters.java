package io.handfast.tx.engine.observe;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Vote;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/**
 * What the engine counts. Meters are registered once, when the engine is made; counting allocates
 * nothing. Thread-safe.
 */
public final class EngineMeters {

  /** From one force of a quick disk to the longest deadline that is common. */
  private static final Duration[] PHASES =
      LongStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

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

  private final MeterRegistry registry;
  private final Map<String, Timer> phases = new HashMap<>();
  private final Map<String, Timer> branchPhases = new HashMap<>();
  private final Counter begun;
  private final Outcomes outcomes;
  private final Map<Vote, Counter> votes = new EnumMap<>(Vote.class);
  private final Map<Heuristic, Counter> heuristics = new EnumMap<>(Heuristic.class);
  private final Counter contextMissing;
  private final Counter branches;
  private final Counter duplicates;
  private final Counter inquiries;
  private final Counter redeliveries;
  private final Counter outcomesRefused;
  private final Counter votesRefused;
  private final Counter selfConflicts;
  private final Counter clashes;
  private final Counter bugs;
  private final Refusals refusals;
  private final AtomicInteger transactionsInFlight = new AtomicInteger();
  private final AtomicInteger branchesInFlight = new AtomicInteger();

  /** Who is in doubt, and since when. */
  private final Map<Object, Long> doubts = new ConcurrentHashMap<>();

  private final AtomicInteger kept = new AtomicInteger();

  /**
   * Registers all.
   *
   * @param epochMillis milliseconds since 1970, from any thread
   */
  public EngineMeters(MeterRegistry registry, LongSupplier epochMillis) {
    this.registry = registry;
    refusals = new Refusals(registry);
    begun = counter(registry, "handfast.tx.begun", "Transactions begun here");
    outcomes = new Outcomes(registry);
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
    selfConflicts =
        counter(
            registry,
            "handfast.tx.self.conflict",
            "Blocks of SQL that waited in vain for a lock while another of their transaction was"
                + " prepared");
    clashes =
        counter(
            registry,
            "handfast.tx.store.clashes",
            "Messages of a second sidecar on a store that is another's");
    bugs =
        counter(
            registry, "handfast.tx.illegal.transitions", "Events that a state cannot meet: a bug");
    gauge(registry, "handfast.tx.in.flight", "Transactions begun here", transactionsInFlight);
    gauge(registry, "handfast.tx.branches.in.flight", "Branches in flight", branchesInFlight);
    Gauge.builder("handfast.tx.in.doubt", this, EngineMeters::inDoubt)
        .description("Branches and decisions in doubt")
        .register(registry);
    Gauge.builder("handfast.tx.in.doubt.oldest", this, it -> it.oldestDoubtSeconds(epochMillis))
        .baseUnit("seconds")
        .description("Age of the oldest of these")
        .register(registry);
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

  public void ended(Outcomes.Why why, long nanos) {
    outcomes.count(why, nanos);
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

  /** A block waited in vain for a lock that its own transaction may hold. */
  public void selfConflict() {
    selfConflicts.increment();
  }

  public void storeClash() {
    clashes.increment();
  }

  public void illegalTransition() {
    bugs.increment();
  }

  public void inFlight(int transactions, int branchCount) {
    transactionsInFlight.set(transactions);
    branchesInFlight.set(branchCount);
  }

  /**
   * A branch, or a decision, is in doubt. On the engine's loop.
   *
   * @param who once, until {@link #outOfDoubt}
   * @param sinceMs milliseconds since 1970
   */
  public void inDoubt(Object who, long sinceMs) {
    doubts.putIfAbsent(who, sinceMs);
  }

  /** It is not any more. On the engine's loop. */
  public void outOfDoubt(Object who) {
    doubts.remove(who);
  }

  /** Looked for when somebody asks, which is seldom: getting in doubt and out of it is not. */
  private double oldestDoubtSeconds(LongSupplier epochMillis) {
    OptionalLong since = doubts.values().stream().mapToLong(Long::longValue).min();
    return since.isEmpty() ? 0 : Math.max(0, epochMillis.getAsLong() - since.getAsLong()) / 1e3;
  }

  public int inDoubt() {
    return doubts.size();
  }

  /**
   * A transaction that is coordinated here has left a state. On the engine's loop.
   *
   * @param state its name
   */
  public void phase(String state, long nanos) {
    record(
        phases,
        "handfast.tx.phase",
        "How long transactions begun here were in each state",
        state,
        nanos);
  }

  /**
   * A branch that runs here has left a state: {@code beginning} is the force of BEGUN, {@code
   * working} the Try, {@code prepared} the doubt. On the engine's loop.
   *
   * @param state its name
   */
  public void branchPhase(String state, long nanos) {
    record(
        branchPhases,
        "handfast.tx.branch.phase",
        "How long branches that ran here were in each state",
        state,
        nanos);
  }

  private void record(
      Map<String, Timer> timers, String name, String description, String state, long nanos) {
    Timer timer = timers.get(state);
    if (timer == null) {
      timer =
          Timer.builder(name)
              .description(description)
              .tag("state", state)
              .serviceLevelObjectives(PHASES)
              .register(registry);
      timers.put(state, timer);
    }
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }
}
