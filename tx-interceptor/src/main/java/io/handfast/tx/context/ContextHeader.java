package io.handfast.tx.context;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code tx-context:
 * 00-<tx-id>-<branch-id>-<flags>;d=<decider>@<authority>;i=<identity>;v=<authority>;t=<ms>;c=<protocol>}
 * (rules T1 to T3). Without {@code i} where sidecars prove nothing to each other (rule T20).
 *
 * <p>Read strictly: one header, one version, these parameters in this order, no white space.
 */
public final class ContextHeader {
  /** Characters of a value that is read; what we write is shorter. */
  public static final int MAX_LENGTH = 1_024;

  private static final String NAME = OwnHeader.CONTEXT.headerName();

  private ContextHeader() {}

  /**
   * Reads what the caller's sidecar wrote.
   *
   * @param values of all headers of that name; at least one
   */
  public static TransactionContext parse(List<String> values) throws MalformedHeaderException {
    String value = single(values);
    TransactionIdentity identity = identity(value);
    int d = TransactionIdentity.LENGTH;
    int i = value.indexOf(';', d + 1);
    boolean named = i > 0 && value.startsWith("i=", i + 1);
    int v = named ? value.indexOf(';', i + 1) : i;
    int t = v < 0 ? -1 : value.indexOf(';', v + 1);
    String decider = parameter(value, d, i, "d=");
    String caller = parameter(value, v, t, "v=");
    int c = t < 0 ? -1 : value.indexOf(';', t + 1);
    String time = parameter(value, t, c < 0 ? value.length() : c, "t=");
    if (decider == null || caller == null || time == null) {
      throw malformed(
          value,
          "after the ids ;d=<decider>@<authority>;i=<identity>;v=<authority>;t=<milliseconds>");
    }
    Decider who = decider(value, decider, named ? parameter(value, i, v, "i=") : null);
    Authority votesTo = Authority.parse(caller);
    if (votesTo == null) {
      throw malformed(value, "v=<authority>, " + Authority.EXPECTED);
    }
    return new TransactionContext(
        identity, who, votesTo, remaining(value, time), protocol(value, c));
  }

  /** Two-phase commit is not named: who knows no other protocol refuses what is. */
  private static Protocol protocol(String value, int c) throws MalformedHeaderException {
    if (c < 0) {
      return Protocol.TWO_PHASE;
    }
    String token = parameter(value, c, value.length(), "c=");
    Protocol protocol = token == null ? null : Protocol.ofToken(token);
    if (protocol == null || protocol == Protocol.TWO_PHASE) {
      throw malformed(value, "after the time nothing, or ;c=one-phase");
    }
    return protocol;
  }

  private static Decider decider(String value, String text, @Nullable String name)
      throws MalformedHeaderException {
    int at = text.indexOf('@');
    StoreId store = at < 0 ? null : StoreId.parse(text.substring(0, at));
    Authority authority = at < 0 ? null : Authority.parse(text.substring(at + 1));
    if (store == null || authority == null) {
      throw malformed(
          value,
          "d=<decider>@<authority>, the decider "
              + StoreId.EXPECTED
              + ", the authority "
              + Authority.EXPECTED);
    }
    PeerIdentity identity = name == null ? null : PeerIdentity.parse(name);
    if (name != null && identity == null) {
      throw malformed(value, "i=<identity>, " + PeerIdentity.EXPECTED);
    }
    return new Decider(store, authority, identity);
  }

  /**
   * Reads the ids of what an application sends, who may have copied all of the header or only them;
   * anything else in it is not believed (rule T4).
   *
   * @param values of all headers of that name; at least one
   */
  public static TransactionIdentity parseIdentity(List<String> values)
      throws MalformedHeaderException {
    return identity(single(values));
  }

  public static String write(TransactionContext context) {
    StringBuilder out = new StringBuilder(192);
    context.identity().appendTo(out);
    Decider decider = context.decider();
    out.append(";d=").append(decider.store()).append('@').append(decider.authority());
    if (decider.identity() != null) {
      out.append(";i=").append(decider.identity());
    }
    out.append(";v=").append(context.caller());
    out.append(";t=").append(context.remainingMs());
    if (context.protocol() != Protocol.TWO_PHASE) {
      out.append(";c=").append(context.protocol().token());
    }
    return out.toString();
  }

  private static String single(List<String> values) throws MalformedHeaderException {
    if (values.size() != 1) {
      throw malformed(values.size() + " headers", "exactly one");
    }
    String value = values.getFirst();
    if (value.length() > MAX_LENGTH) {
      throw malformed(value, "at most " + MAX_LENGTH + " characters");
    }
    return value;
  }

  private static TransactionIdentity identity(String value) throws MalformedHeaderException {
    if (value.length() >= 3 && value.charAt(2) == '-' && !value.startsWith("00")) {
      throw malformed(value, "version 00, the only one known here");
    }
    TransactionIdentity identity = TransactionIdentity.parsePrefix(value);
    boolean whole = value.length() == TransactionIdentity.LENGTH;
    if (identity == null || (!whole && value.charAt(TransactionIdentity.LENGTH) != ';')) {
      throw malformed(value, TransactionIdentity.EXPECTED);
    }
    return identity;
  }

  /**
   * The value of a parameter that begins at the semicolon {@code from} and ends before {@code to},
   * or null.
   */
  private static @Nullable String parameter(String value, int from, int to, String name) {
    if (from < 0 || to < 0 || from >= to || !value.startsWith(name, from + 1)) {
      return null;
    }
    int start = from + 1 + name.length();
    return start > to ? null : value.substring(start, to);
  }

  private static long remaining(String value, String time) throws MalformedHeaderException {
    long ms = time.isEmpty() || time.length() > 7 ? -1 : 0;
    for (int i = 0; i < time.length() && ms >= 0; i++) {
      char c = time.charAt(i);
      boolean leadingZero = i == 0 && c == '0' && time.length() > 1;
      ms = c < '0' || c > '9' || leadingZero ? -1 : ms * 10 + (c - '0');
    }
    if (ms < 0 || ms > TransactionContext.MAX_REMAINING_MS) {
      throw malformed(value, "t=<milliseconds>, 0 to " + TransactionContext.MAX_REMAINING_MS);
    }
    return ms;
  }

  private static MalformedHeaderException malformed(String found, String expected) {
    return new MalformedHeaderException(NAME, found, expected);
  }
}
