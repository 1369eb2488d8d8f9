package io.handfast.tx.context;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Under what name a block is prepared in its database (PREPARE TRANSACTION): {@code
 * hf1_<tx-id>_<branch-id>_<n>_<xid>_<decider>_<authority>[_<digest>]}. Whoever finds it there knows
 * whom to ask, and what the answer is about; it is the only record of the block.
 *
 * <p>Read strictly: what is not exactly what would be written is no name of ours. Immutable.
 *
 * @param tx the transaction
 * @param branch the block's own
 * @param block its number in the service's branch, from 1
 * @param xid of its transaction in the database
 * @param decider the store that decides
 * @param authority where that answers
 * @param digest the first 16 hexadecimal digits of SHA-256 of the decider's identity; null where
 *     sidecars prove nothing to each other (T20)
 */
public record GlobalId(
    TxId tx,
    BranchId branch,
    int block,
    long xid,
    StoreId decider,
    Authority authority,
    @Nullable String digest) {
  /** With what every name of ours begins. */
  public static final String PREFIX = "hf1_";

  /** PostgreSQL takes "less than 200 bytes": its {@code GIDSIZE} counts the zero at the end. */
  public static final int MAX_LENGTH = 199;

  /** Blocks of one branch. */
  public static final int MAX_BLOCKS = 9_999;

  /** Digits of the largest xid, of 64 bits, and of the largest number of a block. */
  private static final int XID_DIGITS = 19;

  private static final int BLOCK_DIGITS = 4;

  private static final int DIGEST_LENGTH = 16;

  /** Without the decider, its authority and its digest: with the underscore before the first. */
  private static final int FIXED =
      PREFIX.length() + TxId.LENGTH + 1 + BranchId.LENGTH + 1 + BLOCK_DIGITS + 1 + XID_DIGITS + 1;

  public GlobalId {
    if (block < 1 || block > MAX_BLOCKS || xid < 1 || (digest != null && !isDigest(digest))) {
      throw new IllegalArgumentException(
          "global id: block %d, xid %d, digest %s (expected: 1 to 9999, 1 or more, 16 hex digits)"
              .formatted(block, xid, digest));
    }
  }

  /** The name of a block of a transaction that {@code decider} decides. */
  public static GlobalId of(TxId tx, BranchId branch, int block, long xid, Decider decider) {
    PeerIdentity identity = decider.identity();
    return new GlobalId(
        tx,
        branch,
        block,
        xid,
        decider.store(),
        decider.authority(),
        identity == null ? null : known(identity));
  }

  private static String known(PeerIdentity identity) {
    String digest = identity.knownDigest();
    return digest == null ? digest(identity) : digest;
  }

  /** Characters of the longest name of a block that {@code decider} decides. */
  public static int longest(StoreId decider, Authority authority, boolean identity) {
    return FIXED
        + decider.value().length()
        + 1
        + authority.toString().length()
        + (identity ? 1 + DIGEST_LENGTH : 0);
  }

  /**
   * Why blocks that this decider decides could not be named, and what to do; null where they can.
   *
   * @param field that says the authority, for people
   */
  public static @Nullable String tooLong(
      String field, StoreId decider, Authority authority, boolean identity) {
    String problem = tooLong(decider, authority, identity);
    return problem == null ? null : field + ": " + problem;
  }

  /** The same, where the field is named by whoever tells it. */
  public static @Nullable String tooLong(StoreId decider, Authority authority, boolean identity) {
    int length = longest(decider, authority, identity);
    return length <= MAX_LENGTH
        ? null
        : "%s, of %d characters (expected: at most %d, for it is a part of the name of what is prepared in databases, which has %d at most; a shorter name or an address)"
            .formatted(
                authority,
                authority.toString().length(),
                authority.toString().length() - (length - MAX_LENGTH),
                MAX_LENGTH);
  }

  /** Reads a name, or gives null if it is none of ours. */
  public static @Nullable GlobalId parse(String text) {
    if (text.length() > MAX_LENGTH || !text.startsWith(PREFIX)) {
      return null;
    }
    int branchAt = PREFIX.length() + TxId.LENGTH + 1;
    int blockAt = branchAt + BranchId.LENGTH + 1;
    if (text.length() <= blockAt
        || text.charAt(branchAt - 1) != '_'
        || text.charAt(blockAt - 1) != '_') {
      return null;
    }
    TxId tx = TxId.parse(text, PREFIX.length());
    BranchId branch = BranchId.parse(text, branchAt);
    int blockEnd = text.indexOf('_', blockAt);
    int xidEnd = blockEnd < 0 ? -1 : text.indexOf('_', blockEnd + 1);
    int deciderEnd = xidEnd < 0 ? -1 : text.indexOf('_', xidEnd + 1);
    if (tx == null || branch == null || deciderEnd < 0) {
      return null;
    }
    long block = BlockHandle.number(text, blockAt, blockEnd, BLOCK_DIGITS);
    long xid = BlockHandle.number(text, blockEnd + 1, xidEnd, XID_DIGITS);
    StoreId decider = StoreId.parse(text.substring(xidEnd + 1, deciderEnd));
    if (block < 1 || xid < 1 || decider == null) {
      return null;
    }
    return ending(tx, branch, (int) block, xid, decider, text.substring(deciderEnd + 1));
  }

  /** A host may have underscores; its port, which is always written, has none. */
  private static @Nullable GlobalId ending(
      TxId tx, BranchId branch, int block, long xid, StoreId decider, String rest) {
    int underscore = rest.indexOf('_', Math.max(rest.lastIndexOf(':'), 0));
    String written = underscore < 0 ? rest : rest.substring(0, underscore);
    String digest = underscore < 0 ? null : rest.substring(underscore + 1);
    Authority authority = Authority.parse(written);
    if (authority == null
        || !authority.toString().equals(written)
        || (digest != null && !isDigest(digest))) {
      return null;
    }
    return new GlobalId(tx, branch, block, xid, decider, authority, digest);
  }

  /** The first 64 bits of SHA-256 of a name: what a decider is known by here. */
  public static String digest(PeerIdentity identity) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(identity.name().getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(hash, 0, DIGEST_LENGTH / 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256: not there (expected: of every Java)", e);
    }
  }

  private static boolean isDigest(String text) {
    if (text.length() != DIGEST_LENGTH) {
      return false;
    }
    for (int i = 0; i < DIGEST_LENGTH; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  /** The handle of the same block in a database. */
  public BlockHandle handle(String database) {
    return new BlockHandle(database, block, xid);
  }

  /** The written form. */
  @Override
  public String toString() {
    return prefix(tx, branch, block, xid)
        + decider
        + '_'
        + authority
        + (digest == null ? "" : "_" + digest);
  }

  /** All that comes before the decider, with the underscore: no other block has the same. */
  static String prefix(TxId tx, BranchId branch, int block, long xid) {
    StringBuilder out = new StringBuilder(FIXED);
    out.append(PREFIX);
    tx.appendTo(out);
    out.append('_');
    branch.appendTo(out);
    return out.append('_').append(block).append('_').append(xid).append('_').toString();
  }
}
