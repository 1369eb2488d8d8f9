package io.handfast.tx.context;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import org.jspecify.annotations.Nullable;

/**
 * The part of a context that an application carries across (rule T4).
 *
 * @param tx the transaction
 * @param branch the branch that the service is running
 * @param sentBefore flag bit 0: this branch-id may have been sent before
 */
public record TransactionIdentity(TxId tx, BranchId branch, boolean sentBefore) {
  /** What the written form looks like, for error texts. */
  static final String EXPECTED =
      "00-<32 hex>-<16 hex>-<2 hex>, lower case, the first id laid out as UUIDv7";

  /** Characters of {@link #write}. */
  static final int LENGTH = 55;

  private static final int TX = 3;
  private static final int BRANCH = TX + TxId.LENGTH + 1;
  private static final int FLAGS = BRANCH + BranchId.LENGTH + 1;

  /** {@code 00-<tx-id>-<branch-id>-<flags>} */
  public String write() {
    StringBuilder out = new StringBuilder(LENGTH);
    appendTo(out);
    return out.toString();
  }

  void appendTo(StringBuilder out) {
    out.append("00-");
    tx.appendTo(out);
    out.append('-');
    branch.appendTo(out);
    out.append(sentBefore ? "-01" : "-00");
  }

  /**
   * Reads the first {@link #LENGTH} characters, or gives null. Flags other than bit 0 are ignored.
   */
  static @Nullable TransactionIdentity parsePrefix(String text) {
    if (text.length() < LENGTH || !text.startsWith("00-")) {
      return null;
    }
    if (text.charAt(BRANCH - 1) != '-' || text.charAt(FLAGS - 1) != '-') {
      return null;
    }
    TxId tx = TxId.parse(text, TX);
    BranchId branch = BranchId.parse(text, BRANCH);
    int high = digit(text.charAt(FLAGS));
    int low = digit(text.charAt(FLAGS + 1));
    if (tx == null || branch == null || high < 0 || low < 0) {
      return null;
    }
    return new TransactionIdentity(tx, branch, (low & 1) != 0);
  }

  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }
}
