package io.handfast.tx.operator;

import java.util.List;

/**
 * The transactions that a sidecar knows.
 *
 * @param service the service beside it
 * @param authority its control service
 * @param storeId its store
 * @param inFlight coordinated or taken part in here and not ended: those in doubt first, then what
 *     is kept for people, then the others; of each the oldest first
 * @param inDoubt how many of those have a branch here that has voted and does not know the outcome
 * @param recent ended within the retention, newest first
 * @param omitted how many more match than the lists show
 */
public record TransactionList(
    String service,
    String authority,
    String storeId,
    List<TransactionSummary> inFlight,
    int inDoubt,
    List<TransactionSummary> recent,
    int omitted) {

  public TransactionList {
    inFlight = List.copyOf(inFlight);
    recent = List.copyOf(recent);
  }
}
