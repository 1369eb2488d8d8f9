package io.handfast.tx.context;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Parameters {@code ;x=value} of a member of {@code tx-vote}, by their letter. Confined to one
 * parse.
 */
final class Parameters {
  private static final String KNOWN = "vpjsmhr";

  private final String member;
  private final @Nullable String[] values = new @Nullable String[KNOWN.length()];

  private Parameters(String member) {
    this.member = member;
  }

  /**
   * @param from where the first semicolon stands
   */
  static Parameters parse(String member, int from) throws MalformedHeaderException {
    Parameters parameters = new Parameters(member);
    int start = from + 1;
    while (start <= member.length()) {
      int semicolon = member.indexOf(';', start);
      int end = semicolon < 0 ? member.length() : semicolon;
      parameters.add(start, end);
      start = end + 1;
    }
    return parameters;
  }

  private void add(int start, int end) throws MalformedHeaderException {
    int equals = member.indexOf('=', start);
    if (equals <= start || equals >= end) {
      throw VoteHeader.malformed(member, "parameters of the form name=value between semicolons");
    }
    int known = equals == start + 1 ? KNOWN.indexOf(member.charAt(start)) : -1;
    if (known < 0) {
      return; // of a newer sidecar
    }
    if (values[known] != null) {
      throw VoteHeader.malformed(member, "each parameter once");
    }
    values[known] = member.substring(equals + 1, end);
  }

  /** As it stands, or null if it is not there. */
  @Nullable String value(char name) {
    return values[KNOWN.indexOf(name)];
  }

  /** Percent-decoded; empty if it is not there. */
  String text(char name) throws MalformedHeaderException {
    String value = value(name);
    if (value == null) {
      return "";
    }
    byte[] out = new byte[value.length()];
    int length = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      int code = c == '%' ? escape(value, i) : c;
      if (code < 0 || c <= ' ' || c >= 0x7f) {
        throw VoteHeader.malformed(member, name + "= percent-encoded UTF-8");
      }
      i += c == '%' ? 2 : 0;
      out[length++] = (byte) code;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(out, 0, length)).toString();
    } catch (CharacterCodingException e) {
      throw VoteHeader.malformed(member, name + "= percent-encoded UTF-8");
    }
  }

  private static int escape(String value, int at) {
    if (at + 2 >= value.length()) {
      return -1;
    }
    int high = digit(value.charAt(at + 1));
    int low = digit(value.charAt(at + 2));
    return high < 0 || low < 0 ? -1 : (high << 4) | low;
  }

  private static int digit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }
}
