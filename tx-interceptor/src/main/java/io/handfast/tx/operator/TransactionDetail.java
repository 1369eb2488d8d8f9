package io.handfast.tx.operator;

import java.util.List;

/**
 * One transaction with all that this sidecar knows of it.
 *
 * @param summary the line of the list
 * @param branches the branches that run or ran here, then those elsewhere as far as they are known
 *     here: of what calls have brought, and at the coordinator with what it does with them; of
 *     those that have ended the first 32 of each
 * @param timeline what happened, oldest first; bounded, {@code timelineOmitted} were dropped in the
 *     middle
 * @param awaited whom the coordinator waits for, if it is here
 */
public record TransactionDetail(
    TransactionSummary summary,
    List<BranchView> branches,
    List<TimelineEntry> timeline,
    int timelineOmitted,
    List<String> awaited) {

  public TransactionDetail {
    branches = List.copyOf(branches);
    timeline = List.copyOf(timeline);
    awaited = List.copyOf(awaited);
  }

  /**
   * A branch.
   *
   * @param branchId 16 hexadecimal digits
   * @param service whose; the cluster that is called while it has not voted
   * @param participant {@code host:port} of its sidecar's control service; empty while unknown
   * @param mode mode of participation
   * @param state where it stands; how it ended: {@code committed}, {@code aborted}, {@code
   *     read-only}, {@code hazard}, {@code heuristic-commit}, {@code heuristic-rollback}, {@code
   *     heuristic-mixed}. Of one elsewhere what is known here: {@code called}, "voted", {@code
   *     asked} (to prepare), {@code prepared}, {@code pre-committed}, {@code deciding} (the
   *     decision is its), {@code told-commit}, {@code told-abort} (not acknowledged), or how it
   *     ended; {@code unknown} where nobody could say
   * @param vote {@code prepared}, {@code read-only}, {@code abort}, {@code struck}; empty while
   *     unknown
   * @param waitsFor whom it waits for, in words; empty when it has ended, or runs elsewhere
   * @param block of a block of SQL that was prepared, or is being: {@code <database>/<n>.<xid>}, as
   *     its vote has it; else empty
   * @param globalId under what name that is in {@code pg_prepared_xacts}; empty where only its
   *     handle is known
   */
  public record BranchView(
      String branchId,
      String service,
      String participant,
      String mode,
      String state,
      String vote,
      String waitsFor,
      String block,
      String globalId) {

    /** Of a branch that is no block of SQL. */
    public BranchView(
        String branchId,
        String service,
        String participant,
        String mode,
        String state,
        String vote,
        String waitsFor) {
      this(branchId, service, participant, mode, state, vote, waitsFor, "", "");
    }
  }

  /**
   * Something that happened.
   *
   * @param timeMs milliseconds since 1970
   * @param afterMs since the first entry
   * @param branchId the branch concerned; empty where it is the coordinator
   * @param event what happened, such as {@code begun durable}
   * @param state where it left the machine
   */
  public record TimelineEntry(
      long timeMs, long afterMs, String branchId, String event, String state) {}
}
