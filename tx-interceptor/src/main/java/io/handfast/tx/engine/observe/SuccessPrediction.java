package io.handfast.tx.engine.observe;

import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Vote;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How likely a transaction that begins now is to commit: the product, over the services that its
 * boundary usually reaches, of how often each has said yes lately. Old votes count for less and
 * less, so what nobody tries any more is believed again.
 *
 * <p>Confined to the engine's loop, but for {@link Boundary#probability} and the gauges.
 */
public final class SuccessPrediction {
  /** Services whose votes are kept; those beyond are taken to say yes. */
  static final int MAX_SERVICES = 256;

  /** Boundaries that are predicted; at those beyond everything succeeds. */
  static final int MAX_BOUNDARIES = 256;

  /** Services that one boundary is seen to reach. */
  static final int MAX_REACHED = 64;

  /** After which a vote counts half. */
  static final long HALF_LIFE_NANOS = 10_000_000_000L;

  /** The votes that count: of more, the earlier ones fade. */
  static final double WINDOW = 50;

  /** Votes of yes that everybody begins with: one failure is no trend. */
  static final double PRIOR = 5;

  /** The share of a boundary's transactions from which on it usually reaches a service. */
  private static final double USUAL = 0.5;

  /** Transactions over which that share is taken. */
  private static final double REACH_WINDOW = 32;

  private final MeterRegistry registry;
  private final LongSupplier nanoTime;
  private final Map<String, YesRate> services = new HashMap<>();
  private final Map<String, Boundary> boundaries = new HashMap<>();

  /**
   * @param nanoTime monotonic, from any thread
   */
  public SuccessPrediction(MeterRegistry registry, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanoTime = nanoTime;
  }

  /** Of a boundary; null if there are too many. */
  public @Nullable Boundary boundary(String name) {
    Boundary known = boundaries.get(name);
    if (known == null && boundaries.size() < MAX_BOUNDARIES) {
      known = new Boundary();
      boundaries.put(name, known);
      Gauge.builder("handfast.tx.success.probability", known, Boundary::probability)
          .description("How likely a transaction that begins there is to commit")
          .tag("boundary", name)
          .register(registry);
    }
    return known;
  }

  private @Nullable YesRate service(String name) {
    YesRate known = services.get(name);
    if (known == null && services.size() < MAX_SERVICES) {
      known = new YesRate(nanoTime);
      services.put(name, known);
      Gauge.builder("handfast.tx.yes.probability", known, YesRate::probability)
          .description("How often a service has voted yes lately")
          .tag("service", name)
          .register(registry);
    }
    return known;
  }

  /** Where transactions begin. */
  public final class Boundary {
    private final Map<String, Reach> reached = new HashMap<>();
    private long transactions;
    private volatile YesRate[] usual = {};

    private Boundary() {}

    /** From any thread; 1 if nothing is known. */
    public double probability() {
      double product = 1;
      for (YesRate rate : usual) {
        product *= rate.probability();
      }
      return product;
    }

    /**
     * A transaction has been voted on.
     *
     * @param votes as far as they are known
     * @param no the service that said no, or did not say anything in time; null if none did
     */
    public void voted(List<BranchVote> votes, @Nullable String no) {
      transactions++;
      for (BranchVote vote : votes) {
        if (saysYes(vote) && !vote.service().equals(no)) {
          count(vote.service(), true);
        }
      }
      if (no != null && !no.isEmpty()) {
        count(no, false);
      }
      weigh();
    }

    private static boolean saysYes(BranchVote vote) {
      return !vote.service().isEmpty() && vote.vote() != Vote.ABORT && vote.vote() != Vote.STRUCK;
    }

    private void count(String name, boolean yes) {
      Reach reach = reached.get(name);
      if (reach == null) {
        YesRate rate = reached.size() < MAX_REACHED ? service(name) : null;
        if (rate == null) {
          return;
        }
        reach = new Reach(rate);
        reached.put(name, reach);
      }
      reach.at = transactions;
      reach.rate.vote(yes);
    }

    private void weigh() {
      double part = 1 / Math.min(REACH_WINDOW, (double) transactions);
      boolean changed = false;
      for (Reach reach : reached.values()) {
        boolean before = reach.share >= USUAL;
        reach.share += part * ((reach.at == transactions ? 1 : 0) - reach.share);
        changed |= before != reach.share >= USUAL;
      }
      if (changed) {
        List<YesRate> now = new ArrayList<>();
        for (Reach reach : reached.values()) {
          if (reach.share >= USUAL) {
            now.add(reach.rate);
          }
        }
        usual = now.toArray(YesRate[]::new);
      }
    }
  }

  /** How often a boundary's transactions reach a service. */
  private static final class Reach {
    final YesRate rate;
    double share;
    long at;

    Reach(YesRate rate) {
      this.rate = rate;
    }
  }

  /** Written on the loop, read from any thread: a gauge may see half of a vote. */
  private static final class YesRate {
    private final LongSupplier nanoTime;
    private volatile double yes;
    private volatile double all;
    private volatile long at;

    YesRate(LongSupplier nanoTime) {
      this.nanoTime = nanoTime;
      this.at = nanoTime.getAsLong();
    }

    void vote(boolean saidYes) {
      long now = nanoTime.getAsLong();
      double kept = kept(now) * (1 - 1 / WINDOW);
      yes = yes * kept + (saidYes ? 1 : 0);
      all = all * kept + 1;
      at = now;
    }

    double probability() {
      double kept = kept(nanoTime.getAsLong());
      return (yes * kept + PRIOR) / (all * kept + PRIOR);
    }

    private double kept(long now) {
      return Math.pow(0.5, (double) (now - at) / HALF_LIFE_NANOS);
    }
  }
}
