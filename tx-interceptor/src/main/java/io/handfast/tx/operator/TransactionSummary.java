package io.handfast.tx.operator;

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
    String detail) {}
