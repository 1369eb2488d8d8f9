package io.handfast.tx.interceptor;

import java.util.function.LongFunction;

/**
 * What a block that takes part needs. Immutable.
 *
 * @param block its number in its branch, from 1
 * @param branch for people: tx-id and branch-id of the service's branch, as {@code
 *     <tx-id>-<branch-id>}
 * @param traceId of the request that the branch serves, so that a trace and ids in one block can be
 *     told apart: 32 lower-case hexadecimal digits; empty where it is not known
 * @param remainingMs to the deadline of the transaction, or to when the answer to the call that the
 *     branch serves is waited for no longer, if that is sooner; waits for locks have to end before;
 *     positive
 * @param globalId the name under which the block is to be prepared, of the id of its transaction in
 *     the database; at most 199 characters of {@code [0-9a-z_.:-]} and, where an address is of
 *     IPv6, square brackets
 */
public record SqlEnlistment(
    int block, String branch, String traceId, long remainingMs, LongFunction<String> globalId) {

  /** Of a branch whose trace is not known. */
  public SqlEnlistment(int block, String branch, long remainingMs, LongFunction<String> globalId) {
    this(block, branch, "", remainingMs, globalId);
  }
}
