package io.handfast.tx.context;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.TxId;
import org.jspecify.annotations.Nullable;

/**
 * The handle of a prepared block in votes, decisions and outcomes: {@code <database>/<n>.<xid>}.
 * With the transaction and the branch it names what is prepared, so that whoever is told an outcome
 * can carry it out, whether or not he knows the branch (T16). Immutable.
 *
 * @param database its name in the configuration
 * @param block the number in the service's branch, from 1
 * @param xid of its transaction in the database
 */
public record BlockHandle(String database, int block, long xid) {
  /** Characters of a database's name. */
  private static final int MAX_NAME = 63;

  public BlockHandle {
    if (!isName(database) || block < 1 || block > 9_999 || xid < 1) {
      throw new IllegalArgumentException(
          "handle: %s/%d.%d (expected: <database>/<1 to 9999>.<1 or more>)"
              .formatted(database, block, xid));
    }
  }

  /** Reads the written form, or gives null. */
  public static @Nullable BlockHandle parse(String text) {
    int slash = text.indexOf('/');
    int dot = slash < 0 ? -1 : text.indexOf('.', slash);
    if (dot < 0 || !isName(text.substring(0, slash))) {
      return null;
    }
    long block = number(text, slash + 1, dot, 4);
    long xid = number(text, dot + 1, text.length(), 19);
    return block < 1 || xid < 1
        ? null
        : new BlockHandle(text.substring(0, slash), (int) block, xid);
  }

  /** With what the name begins under which the block is prepared: to the decider, without it. */
  public String globalIdPrefix(TxId tx, BranchId branch) {
    return GlobalId.prefix(tx, branch, block, xid);
  }

  /** The whole name, of a block of a transaction that {@code decider} decides. */
  public GlobalId globalId(TxId tx, BranchId branch, Decider decider) {
    return GlobalId.of(tx, branch, block, xid, decider);
  }

  /** A number of at most that many digits as it is written, from 1; else -1. */
  static long number(String text, int from, int to, int digits) {
    if (to <= from || to - from > digits || text.charAt(from) == '0') {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return value; // below zero beyond 64 bits
  }

  private static boolean isName(String text) {
    if (text.isEmpty() || text.length() > MAX_NAME) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letter && c != '-' && c != '_' && c != '.') {
        return false;
      }
    }
    return true;
  }

  /** The written form. */
  @Override
  public String toString() {
    return database + '/' + block + '.' + xid;
  }
}
