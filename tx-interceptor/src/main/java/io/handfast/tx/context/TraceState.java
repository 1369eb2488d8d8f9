package io.handfast.tx.context;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The member {@code hf=<tx-id>-<branch-id>} of the W3C header {@code tracestate} (rule T4). Other
 * members are other people's: passed on as they are.
 */
public final class TraceState {
  public static final String NAME = "tracestate";

  /** Members that W3C Trace Context lets a list have. */
  public static final int MAX_MEMBERS = 32;

  /** Characters that everybody has to carry on (W3C Trace Context 3.3.1.5). */
  public static final int MAX_LENGTH = 512;

  /** Members longer than this are the first to go (the same section). */
  private static final int LONG_MEMBER = 128;

  private static final String KEY = "hf=";

  private TraceState() {}

  /**
   * The list with our member first. Where it would get too long, others' go: long ones first, then
   * from the end.
   */
  public static String put(List<String> values, TransactionIdentity identity) {
    List<String> members = others(values);
    StringBuilder own = new StringBuilder(KEY);
    identity.tx().appendTo(own);
    own.append('-');
    identity.branch().appendTo(own);
    members.addFirst(own.toString());
    shorten(members);
    return String.join(",", members);
  }

  private static void shorten(List<String> members) {
    for (int i = members.size() - 1; i > 0 && isTooLong(members); i--) {
      if (members.get(i).length() > LONG_MEMBER) {
        members.remove(i);
      }
    }
    while (members.size() > 1 && isTooLong(members)) {
      members.removeLast();
    }
  }

  private static boolean isTooLong(List<String> members) {
    return members.size() > MAX_MEMBERS || ListMembers.length(members) > MAX_LENGTH;
  }

  /** Reads our member, or gives null if there is none. Two that differ are one too many. */
  public static @Nullable TransactionIdentity find(List<String> values)
      throws MalformedHeaderException {
    TransactionIdentity found = null;
    for (String member : ListMembers.split(values)) {
      if (!isOurs(member)) {
        continue;
      }
      TransactionIdentity identity = parse(member);
      if (found != null && !found.equals(identity)) {
        throw new MalformedHeaderException(NAME, member, "one member hf");
      }
      found = identity;
    }
    return found;
  }

  private static TransactionIdentity parse(String member) throws MalformedHeaderException {
    int dash = KEY.length() + TxId.LENGTH;
    if (member.length() == dash + 1 + BranchId.LENGTH && member.charAt(dash) == '-') {
      TxId tx = TxId.parse(member, KEY.length());
      BranchId branch = BranchId.parse(member, dash + 1);
      if (tx != null && branch != null) {
        return new TransactionIdentity(tx, branch, false);
      }
    }
    throw new MalformedHeaderException(
        NAME, member, "hf=<32 hex>-<16 hex>, lower case, the first id laid out as UUIDv7");
  }

  /** The list without our member, or null if nothing is left (rule T6). */
  public static @Nullable String remove(List<String> values) {
    List<String> members = others(values);
    return members.isEmpty() ? null : String.join(",", members);
  }

  private static List<String> others(List<String> values) {
    List<String> members = new ArrayList<>(ListMembers.split(values));
    members.removeIf(TraceState::isOurs);
    return members;
  }

  private static boolean isOurs(String member) {
    return member.startsWith(KEY);
  }
}
