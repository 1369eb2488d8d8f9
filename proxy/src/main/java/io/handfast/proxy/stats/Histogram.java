package io.handfast.proxy.stats;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How often a value fell into each of Envoy's default buckets. Thread-safe without contention;
 * recording allocates nothing. Times are in milliseconds, as in Envoy.
 */
public final class Histogram implements Stat {

  /** Upper bounds of Envoy's default buckets ({@code stats.histogram_bucket_settings}). */
  private static final double[] BOUNDS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
    600_000, 1_800_000, 3_600_000
  };

  /** Where the sum is, behind the buckets. */
  private static final int SUM = BOUNDS.length + 1;

  /** The bucket of small values, which most are. */
  private static final byte[] SMALL = new byte[256];

  static {
    for (int i = 0; i < SMALL.length; i++) {
      SMALL[i] = (byte) bucket(i);
    }
  }

  private final StatName.Term term;

  /** Buckets and, last, the sum; made with the first value: most of many never see one. */
  private volatile LongAdder @Nullable [] adders;

  Histogram(StatName.Term term) {
    this.term = term;
  }

  /** Counts {@code value}; a negative one counts as zero. */
  public void record(long value) {
    long counted = Math.max(0, value);
    int bucket = counted < SMALL.length ? SMALL[(int) counted] : bucket(counted);
    LongAdder[] known = adders;
    if (known == null) {
      known = make();
    }
    known[bucket].increment();
    known[SUM].add(counted);
  }

  private static int bucket(long counted) {
    int found = Arrays.binarySearch(BOUNDS, (double) counted);
    return found >= 0 ? found : -found - 1;
  }

  private synchronized LongAdder[] make() {
    LongAdder[] known = adders;
    if (known == null) {
      known = new LongAdder[SUM + 1];
      Arrays.setAll(known, _ -> new LongAdder());
      adders = known;
    }
    return known;
  }

  /** What was recorded so far; what other threads record meanwhile may be in it or not. */
  Snapshot snapshot() {
    long[] cumulative = new long[BOUNDS.length];
    LongAdder[] known = adders;
    if (known == null) {
      return new Snapshot(cumulative, 0, 0);
    }
    long seen = 0;
    for (int i = 0; i < BOUNDS.length; i++) {
      seen += known[i].sum();
      cumulative[i] = seen;
    }
    return new Snapshot(cumulative, seen + known[BOUNDS.length].sum(), known[SUM].sum());
  }

  /** A histogram at one moment. Immutable. */
  static final class Snapshot {

    private final long[] cumulative;
    private final long count;
    private final long sum;

    private Snapshot(long[] cumulative, long count, long sum) {
      this.cumulative = cumulative;
      this.count = count;
      this.sum = sum;
    }

    int buckets() {
      return BOUNDS.length;
    }

    /** The upper bound of a bucket, inclusive. */
    double bound(int bucket) {
      return BOUNDS[bucket];
    }

    /** How many values were at most the bound of that bucket. */
    long cumulative(int bucket) {
      return cumulative[bucket];
    }

    long count() {
      return count;
    }

    long sum() {
      return sum;
    }

    /**
     * The value below which that share (0 to 1) of all lies, interpolated in its bucket; NaN of
     * none.
     */
    double quantile(double share) {
      if (count == 0) {
        return Double.NaN;
      }
      double rank = share * count;
      for (int i = 0; i < BOUNDS.length; i++) {
        if (cumulative[i] >= rank && cumulative[i] > 0) {
          long below = i == 0 ? 0 : cumulative[i - 1];
          double low = i == 0 ? 0 : BOUNDS[i - 1];
          return low + (BOUNDS[i] - low) * Math.max(0, rank - below) / (cumulative[i] - below);
        }
      }
      return BOUNDS[BOUNDS.length - 1];
    }
  }

  @Override
  public StatName.Term term() {
    return term;
  }

  @Override
  public boolean used() {
    return snapshot().count() != 0;
  }
}
