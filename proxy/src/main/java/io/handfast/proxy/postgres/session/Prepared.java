package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.sql.SqlCommand;
import io.handfast.proxy.postgres.sql.SqlEffect;
import io.handfast.proxy.postgres.sql.SqlIdentity;
import io.handfast.proxy.postgres.sql.SqlStatement;
import io.handfast.proxy.postgres.sql.SqlValue;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A statement as this connection remembers it: of a text, or under a name.
 *
 * @param statement null: an empty one, one that the server will refuse, or a {@linkplain #plain}
 *     one
 * @param identity what its text names
 * @param plain one of data with nothing to see in it; not looked at further
 * @param ours it is about a global id that only a sidecar makes
 * @param unreadable why it cannot be told what it does; null if it can
 */
record Prepared(
    @Nullable SqlStatement statement,
    SqlIdentity identity,
    boolean plain,
    boolean ours,
    @Nullable String unreadable) {
  static final Prepared EMPTY = new Prepared(null, SqlIdentity.NONE, false, false, null);
  static final Prepared PLAIN = new Prepared(null, SqlIdentity.NONE, true, false, null);

  /** A function call by the fast path: it has no text, and is of the block that it is in. */
  static final Prepared FUNCTION =
      new Prepared(
          new SqlStatement(
              new SqlCommand.Query(), 0, 0, "a function call", SqlEffect.MAY_WRITE, true, null),
          SqlIdentity.NONE,
          false,
          false,
          null);

  /** A name under which nothing is remembered. */
  static final Prepared UNKNOWN = unreadable("its text was not seen on this connection");

  static Prepared unreadable(String why) {
    return new Prepared(null, SqlIdentity.NONE, false, false, why);
  }

  static Prepared of(SqlStatement statement, SqlIdentity identity, byte[] text) {
    return new Prepared(
        statement,
        identity,
        false,
        statement.command() instanceof SqlCommand.TwoPhase && namesOurs(text, statement),
        null);
  }

  boolean commits() {
    return statement != null && statement.command() instanceof SqlCommand.Commit;
  }

  /** Whether it is the end of a block. */
  boolean ends() {
    return commits() || (statement != null && statement.command() instanceof SqlCommand.Rollback);
  }

  /** Whether what it does may be in its parameters. */
  boolean needsParameters() {
    return statement != null
        && statement.command()
            instanceof SqlCommand.Set(SqlValue name, SqlValue value, SqlValue local)
        && (name instanceof SqlValue.Parameter
            || value instanceof SqlValue.Parameter
            || local instanceof SqlValue.Parameter);
  }

  /** With constants in the place of parameters of {@code set_config}. */
  Prepared bound(IntFunction<@Nullable String> parameters) {
    if (statement == null
        || !(statement.command()
            instanceof SqlCommand.Set(SqlValue name, SqlValue value, SqlValue local))) {
      return this;
    }
    SqlCommand.Set set =
        new SqlCommand.Set(
            constant(name, parameters),
            constant(value, parameters),
            flag(constant(local, parameters)));
    return new Prepared(
        new SqlStatement(
            set,
            statement.from(),
            statement.to(),
            statement.what(),
            statement.effect(),
            statement.data(),
            statement.obstacle()),
        identity,
        plain,
        ours,
        unreadable);
  }

  private static SqlValue constant(SqlValue value, IntFunction<@Nullable String> parameters) {
    if (!(value instanceof SqlValue.Parameter(int number))) {
      return value;
    }
    String text = parameters.apply(number);
    return text == null ? new SqlValue.Other() : new SqlValue.Constant(text);
  }

  /** A boolean in text or binary format. */
  private static SqlValue flag(SqlValue value) {
    return value instanceof SqlValue.Constant(String text)
            && (text.equals("t") || text.equals("1") || text.equals("\u0001"))
        ? new SqlValue.Constant("true")
        : value;
  }

  /** {@link io.handfast.tx.interceptor.SqlEnlistment#globalId} begins so. */
  private static boolean namesOurs(byte[] text, SqlStatement statement) {
    for (int at = statement.from(); at + 4 <= statement.to(); at++) {
      if (text[at] == 'h' && text[at + 1] == 'f' && text[at + 2] == '1' && text[at + 3] == '_') {
        return true;
      }
    }
    return false;
  }
}
