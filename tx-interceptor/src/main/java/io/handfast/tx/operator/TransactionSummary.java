package io.handfast.tx.operator;

import java.util.Comparator;

/**
 * One transaction in one line.
 *
 * @param txId 32 hexadecimal digits
 * @param role {@code coordinator}, {@code participant}
 * @param state where it stands here, such as {@code working}, {@code in-doubt}, {@code committing},
 *     {@code ended}
 * @param outcome {@code committed}, {@code aborted}, {@code unknown} while there is none
 * @param coordinator {@code host:port} of the coordinator's control service
 * @param branches how many branches this sidecar knows of it
 * @param startedMs milliseconds since 1970
 * @param ageMs how long it has been running, or ran
 * @param detail why it aborted or what is awaited; may be empty
 */
public record TransactionSummary(
    String txId,
    String role,
    String state,
    String outcome,
    String coordinator,
    int branches,
    long startedMs,
    long ageMs,
    String detail) {

  /** The order in which people need those in flight: in doubt, kept, others; the oldest first. */
  public static final Comparator<TransactionSummary> BY_URGENCY =
      Comparator.comparingInt(TransactionSummary::rank)
          .thenComparingLong(TransactionSummary::startedMs);

  private int rank() {
    if (state.equals(TransactionFilter.IN_DOUBT)) {
      return 0;
    }
    return TransactionFilter.isKept(this) ? 1 : 2;
  }
}
