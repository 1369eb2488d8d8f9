package io.handfast.proxy.stats;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Responses by class and by code. Thread-safe; the counter of a code is made when that code is seen
 * first, which takes one look-up, and is an array read from then on.
 */
final class CodeStats {

  private static final int FIRST = 100;
  private static final int CODES = 500;

  private final Counter[] byClass = new Counter[5];

  /** Made with the first response: most clusters of many never see one. */
  private volatile @Nullable AtomicReferenceArray<Counter> byCode;

  private final Function<String, Counter> resolve;
  private final boolean countCodes;

  /**
   * @param resolve finds the counter of a suffix such as {@code 2xx} or {@code 200}
   * @param countCodes each code as well, not just the classes
   */
  CodeStats(Function<String, Counter> resolve, boolean countCodes) {
    this.resolve = resolve;
    this.countCodes = countCodes;
    for (int i = 0; i < byClass.length; i++) {
      byClass[i] = resolve.apply((i + 1) + "xx");
    }
  }

  /** Counts a response; a code outside of 100 to 599 has no counter. */
  void count(int code) {
    int index = code - FIRST;
    if (index < 0 || index >= CODES) {
      return;
    }
    byClass[code / 100 - 1].inc();
    if (countCodes) {
      AtomicReferenceArray<Counter> codes = byCode;
      if (codes == null) {
        codes = new AtomicReferenceArray<>(CODES);
        byCode = codes; // of two at once one is lost, and what it knew is looked up again
      }
      Counter counter = codes.get(index);
      if (counter == null) {
        counter = resolve.apply(Integer.toString(code));
        codes.set(index, counter);
      }
      counter.inc();
    }
  }
}
