package io.handfast.proxy.postgres.sql;

import io.handfast.tx.context.MalformedHeaderException;
import io.handfast.tx.context.TraceParent;
import io.handfast.tx.context.TraceState;
import io.handfast.tx.context.TransactionIdentity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the comments of a text name (rule T4): {@code traceparent} and {@code tracestate} as
 * sqlcommenter writes them, {@code key='value'} with percent-encoded values between commas, and as
 * the agents of OpenTelemetry and Datadog do, in any order, before or behind the statement.
 *
 * <p>A comment with another one in it is nobody's: agents write flat ones, and what was commented
 * out is not said. Line comments neither. Confined to one reading.
 */
final class SqlCarriers implements SqlLexer.Comments {
  /**
   * Bytes of a value that is looked at; W3C asks for 512 characters of tracestate to be carried.
   */
  private static final int MAX_VALUE = 4_096;

  private static final byte[] TRACEPARENT = ascii(TraceParent.NAME);
  private static final byte[] TRACESTATE = ascii(TraceState.NAME);

  private final byte[] text;

  private @Nullable TransactionIdentity branch;
  private @Nullable String trace;
  private SqlIdentity.@Nullable Ambiguous ambiguous;
  private SqlIdentity.@Nullable Malformed malformed;

  SqlCarriers(byte[] text) {
    this.text = text;
  }

  /** What all comments seen so far name together. */
  SqlIdentity found() {
    if (malformed != null) {
      return malformed;
    }
    if (ambiguous != null) {
      return ambiguous;
    }
    if (branch != null) {
      return new SqlIdentity.Branch(branch);
    }
    return trace == null ? SqlIdentity.NONE : new SqlIdentity.Trace(trace);
  }

  @Override
  public void comment(int from, int to) {
    int i = from;
    while (i < to) {
      int keyEnd = key(i, to);
      if (keyEnd == i) {
        i++;
        continue;
      }
      int equals = skipBlanks(keyEnd, to);
      int value = equals < to && text[equals] == '=' ? skipBlanks(equals + 1, to) : -1;
      if (value < 0) {
        i = keyEnd;
      } else if (value < to && text[value] == '\'') {
        int end = valueEnd(value + 1, to);
        pair(i, keyEnd, value + 1, end);
        i = end + 1;
      } else {
        i = value;
      }
    }
  }

  /** Behind the letters, digits and signs that keys are made of. */
  private int key(int from, int to) {
    int i = from;
    while (i < to
        && (SqlLexer.isWordPart(text[i]) || text[i] == '.' || text[i] == '-' || text[i] == '%')) {
      i++;
    }
    return i;
  }

  private int skipBlanks(int from, int to) {
    int i = from;
    while (i < to && SqlLexer.isSpace(text[i])) {
      i++;
    }
    return i;
  }

  /** Where the quote stands that ends a value; a backslash takes one away. */
  private int valueEnd(int from, int to) {
    int i = from;
    while (i < to && text[i] != '\'') {
      i += text[i] == '\\' ? 2 : 1;
    }
    return Math.min(i, to);
  }

  private void pair(int key, int keyEnd, int value, int end) {
    if (is(TRACEPARENT, key, keyEnd)) {
      TraceParent parent = end - value > MAX_VALUE ? null : TraceParent.parse(decode(value, end));
      if (parent != null) {
        trace(parent.traceId());
      }
    } else if (is(TRACESTATE, key, keyEnd)) {
      traceState(value, end);
    }
  }

  private void traceState(int value, int end) {
    if (end - value > MAX_VALUE) {
      malformed =
          new SqlIdentity.Malformed("tracestate in an SQL comment: longer than " + MAX_VALUE);
      return;
    }
    try {
      TransactionIdentity identity = TraceState.find(List.of(decode(value, end)));
      if (identity != null) {
        branch(identity);
      }
    } catch (MalformedHeaderException e) {
      malformed = new SqlIdentity.Malformed("in an SQL comment, " + e.getMessage());
    }
  }

  private void branch(TransactionIdentity identity) {
    if (branch != null && !branch.equals(identity)) {
      ambiguous =
          new SqlIdentity.Ambiguous(
              "comments name two branches, " + branch.write() + " and " + identity.write());
    }
    branch = identity;
  }

  private void trace(String traceId) {
    if (trace != null && !trace.equals(traceId)) {
      ambiguous =
          new SqlIdentity.Ambiguous("comments name two traces, " + trace + " and " + traceId);
    }
    trace = traceId;
  }

  /**
   * Percent-decoded, and once more where our member is still encoded then. A doubled percent sign
   * is one: drivers that format a text themselves have it written so, and not all undo it.
   */
  private String decode(int from, int to) {
    byte[] bytes = new byte[to - from];
    int length = 0;
    for (int i = from; i < to; i++) {
      if (text[i] == '\\' && i + 1 < to) {
        i++;
      }
      bytes[length++] = text[i];
    }
    length = decode(bytes, length);
    String once = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    if (!once.contains("hf%3") && !once.contains("%2Chf") && !once.contains("%2chf")) {
      return once;
    }
    length = decode(bytes, length);
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  /** In place; gives the new length. */
  private static int decode(byte[] bytes, int length) {
    int out = 0;
    for (int i = 0; i < length; i++) {
      byte b = bytes[i];
      if (b == '%') {
        if (i + 1 < length && bytes[i + 1] == '%') {
          i++;
        }
        int high = i + 2 < length ? digit(bytes[i + 1]) : -1;
        int low = high < 0 ? -1 : digit(bytes[i + 2]);
        if (low >= 0) {
          b = (byte) ((high << 4) | low);
          i += 2;
        }
      }
      bytes[out++] = b;
    }
    return out;
  }

  private static int digit(byte b) {
    return b < 0 ? -1 : Character.digit(b, 16);
  }

  private boolean is(byte[] name, int from, int to) {
    if (to - from != name.length) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if (text[from + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }
}
