package io.handfast.tx.context;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The member {@code tx-context=00-<tx-id>-<branch-id>-<flags>} of the W3C header {@code baggage}
 * (rule T4). Other members are other people's: passed on as they are.
 *
 * <p>Agents encode values anew and fold properties into them, so what is read is decoded first, and
 * may have a tail behind a semicolon.
 */
public final class Baggage {
  public static final String NAME = "baggage";

  /** Members that W3C Baggage asks everybody to carry on (3.3.2). */
  public static final int MAX_MEMBERS = 64;

  /** Characters that W3C Baggage asks everybody to carry on (3.3.2). */
  public static final int MAX_LENGTH = 8_192;

  private static final String KEY = OwnHeader.CONTEXT.headerName();

  private Baggage() {}

  /** The list with our member first. Where it would get too long, others' go, from the end. */
  public static String put(List<String> values, TransactionIdentity identity) {
    List<String> members = others(values);
    members.addFirst(KEY + "=" + identity.write());
    while (members.size() > 1 && isTooLong(members)) {
      members.removeLast();
    }
    return String.join(",", members);
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
        throw new MalformedHeaderException(NAME, member, "one member " + KEY);
      }
      found = identity;
    }
    return found;
  }

  private static TransactionIdentity parse(String member) throws MalformedHeaderException {
    String value = decode(member.substring(member.indexOf('=') + 1)).strip();
    TransactionIdentity identity = TransactionIdentity.parsePrefix(value);
    if (identity == null || !endsThere(value)) {
      throw new MalformedHeaderException(NAME, member, KEY + "=" + TransactionIdentity.EXPECTED);
    }
    return identity;
  }

  private static boolean endsThere(String value) {
    for (int i = TransactionIdentity.LENGTH; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == ';') {
        return true;
      }
      if (!ListMembers.isBlank(c)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Percent-decodes; a percent sign that begins no escape stays, and {@code +} is a blank as some
   * agents write it.
   */
  private static String decode(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      int high = in[i] == '%' && i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(in[i + 2], 16);
      if (low >= 0) {
        out[length++] = (byte) ((high << 4) | low);
        i += 2;
      } else {
        out[length++] = in[i] == '+' ? (byte) ' ' : in[i];
      }
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
  }

  /** The list without our member, or null if nothing is left (rule T6). */
  public static @Nullable String remove(List<String> values) {
    List<String> members = others(values);
    return members.isEmpty() ? null : String.join(",", members);
  }

  private static List<String> others(List<String> values) {
    List<String> members = new ArrayList<>(ListMembers.split(values));
    members.removeIf(Baggage::isOurs);
    return members;
  }

  /** Our key, as an agent reads it: some decode keys as they do values. */
  private static boolean isOurs(String member) {
    int equals = member.indexOf('=');
    return equals >= KEY.length() && decode(member.substring(0, equals)).strip().equals(KEY);
  }
}
