package io.handfast.tx.interceptor;

import io.handfast.tx.context.TransactionIdentity;
import java.util.concurrent.Executor;

/**
 * A block of SQL that the local service begins. Immutable.
 *
 * @param database the database's name in the configuration of the transaction manager
 * @param name what names the branch
 * @param statement its first data statement for people: the command and its object, such as {@code
 *     UPDATE accounts}; no values, for they may be secret
 * @param executor the connection's own
 */
public record SqlBlockCall(String database, Name name, String statement, Executor executor) {

  /** What names the branch that a block belongs to (T4). */
  public sealed interface Name {

    /** Both ids: of {@code tracestate} in an SQL comment, or of {@code handfast.tx}. */
    record Branch(TransactionIdentity identity) implements Name {}

    /**
     * A trace-id: names a branch only while exactly one of that trace is in flight here, and no
     * other has been within the quarantine. Where more are, or have been, the block is refused.
     *
     * @param traceId 32 lower-case hexadecimal digits
     */
    record Trace(String traceId) implements Name {}
  }
}
