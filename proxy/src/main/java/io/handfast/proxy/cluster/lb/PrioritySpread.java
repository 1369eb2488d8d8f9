package io.handfast.proxy.cluster.lb;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How a hundred requests are spread over the priorities of a cluster, by Envoy's rules: each
 * priority takes as much as it has healthy endpoints for, overprovisioned, then the degraded
 * endpoints of each take what is left. Where too few are available there is a panic: all endpoints
 * count, and the spread is by their number if all priorities are in one. Pure.
 *
 * @see <a
 *     href="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority">Envoy:
 *     priority levels</a>, <a
 *     href="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/panic_threshold">panic
 *     threshold</a>
 */
final class PrioritySpread {
  private static final int ALL = 100;

  private final int[] healthy;
  private final int[] degraded;
  private final boolean[] panic;

  private PrioritySpread(int priorities) {
    healthy = new int[priorities];
    degraded = new int[priorities];
    panic = new boolean[priorities];
  }

  /**
   * The endpoints of one priority, or their weights.
   *
   * @param all how many there are
   * @param healthy of them
   * @param degraded of them
   */
  record Count(long all, long healthy, long degraded) {

    /**
     * By doubles, for weights times a factor may be beyond 64 bits; a quotient that is whole is.
     */
    private int share(long some, int overprovisioningFactor) {
      return all == 0 ? 0 : (int) Math.min(ALL, (double) overprovisioningFactor * some / all);
    }

    private boolean below(int threshold) {
      double available = all == 0 ? 0 : 100.0 * healthy / all + 100.0 * degraded / all;
      return available < threshold;
    }
  }

  static PrioritySpread of(Count[] counts, int overprovisioningFactor, int panicThreshold) {
    return of(counts, counts, overprovisioningFactor, panicThreshold);
  }

  /**
   * @param counts at least one
   * @param shares what the health of a priority is taken from: the counts, or weights
   * @param panicThreshold percent of the counts; 0: there is no panic
   */
  static PrioritySpread of(
      Count[] counts, Count[] shares, int overprovisioningFactor, int panicThreshold) {
    PrioritySpread spread = new PrioritySpread(counts.length);
    int[] healthy = new int[counts.length];
    int[] degraded = new int[counts.length];
    for (int i = 0; i < counts.length; i++) {
      healthy[i] = shares[i].share(shares[i].healthy(), overprovisioningFactor);
      degraded[i] = shares[i].share(shares[i].degraded(), overprovisioningFactor);
    }
    int available = Math.min(ALL, IntStream.of(healthy).sum() + IntStream.of(degraded).sum());
    if (available > 0) {
      spread.distribute(healthy, degraded, available);
    }
    spread.panic(counts, panicThreshold, available);
    return spread;
  }

  private void distribute(int[] healthyShares, int[] degradedShares, int available) {
    int left = fill(healthy, healthyShares, ALL, available);
    left = fill(degraded, degradedShares, left, available);
    int first = firstPositive(healthyShares); // what rounding has left
    if (first >= 0) {
      healthy[first] += left;
    } else {
      degraded[firstPositive(degradedShares)] += left;
    }
  }

  private static int fill(int[] load, int[] shares, int total, int available) {
    int left = total;
    for (int i = 0; i < load.length; i++) {
      load[i] = Math.min(left, shares[i] * ALL / available);
      left -= load[i];
    }
    return left;
  }

  private static int firstPositive(int[] numbers) {
    return IntStream.range(0, numbers.length).filter(i -> numbers[i] > 0).findFirst().orElse(-1);
  }

  private void panic(Count[] counts, int threshold, int available) {
    if (threshold == 0 && available == 0) {
      healthy[0] = ALL; // there is nobody, which is what the request is told
      return;
    }
    boolean everywhere = true;
    for (int i = 0; i < counts.length; i++) {
      // Nothing is left of a share that rounds to nothing: then there is a panic as well.
      panic[i] = available == 0 || (available < ALL && counts[i].below(threshold));
      everywhere &= panic[i];
    }
    if (everywhere) {
      spreadByNumber(counts);
    }
  }

  private void spreadByNumber(Count[] counts) {
    Arrays.fill(degraded, 0);
    int[] numbers = Arrays.stream(counts).mapToInt(count -> (int) count.all()).toArray();
    long sum = IntStream.of(numbers).asLongStream().sum();
    if (sum == 0) {
      healthy[0] = ALL;
      return;
    }
    int left = ALL;
    for (int i = 0; i < numbers.length; i++) {
      healthy[i] = (int) (100L * numbers[i] / sum);
      left -= healthy[i];
    }
    healthy[firstPositive(numbers)] += left;
  }

  /** Of a hundred requests, how many go to the healthy endpoints of a priority. */
  int healthy(int priority) {
    return healthy[priority];
  }

  /** Of a hundred requests, how many go to the degraded endpoints of a priority. */
  int degraded(int priority) {
    return degraded[priority];
  }

  /** Whether all endpoints of a priority are used, whatever is known of them. */
  boolean panics(int priority) {
    return panic[priority];
  }
}
