package io.handfast.proxy.postgres.sql;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** SET, and {@code SELECT set_config(…)}, which does the same. Confined to one statement. */
final class SqlSets {
  private static final SqlValue TRUE = new SqlValue.Constant("true");
  private static final SqlValue FALSE = new SqlValue.Constant("false");
  private static final SqlValue OTHER = new SqlValue.Other();

  /** The settings that matter here, what matters most first; see {@link SqlCommand.Set}. */
  private static final String[] RANKS = {
    SqlSettings.STANDARD_CONFORMING_STRINGS,
    SqlSettings.CLIENT_ENCODING,
    "handfast.tx",
    "application_name"
  };

  private final SqlTokens in;
  private final int from;
  private final int to;

  SqlSets(SqlTokens in, int from, int to) {
    this.in = in;
    this.from = from;
    this.to = to;
  }

  private SqlStatement statement(SqlCommand.Set set) {
    StringBuilder what = new StringBuilder("SET");
    if (set.name() instanceof SqlValue.Constant(String text)) {
      SqlTokens.show(" " + text, what);
    }
    return new SqlStatement(set, from, to, what.toString(), SqlEffect.READS, false, null);
  }

  /** Behind SET. */
  SqlStatement set() {
    SqlValue local = FALSE;
    int here = in.start();
    if (in.is(SqlWord.LOCAL) || in.is(SqlWord.SESSION)) {
      boolean isLocal = in.is(SqlWord.LOCAL);
      in.next();
      if (in.isSign('=') || in.is(SqlWord.TO) || in.is(SqlLexer.Token.DOT)) {
        in.seek(here); // the setting is called so
      } else {
        local = isLocal ? TRUE : FALSE;
      }
    }
    return statement(special(local));
  }

  private SqlCommand.Set special(SqlValue local) {
    int here = in.start();
    SqlWord word = in.word();
    in.next();
    if (in.isSign('=') || in.is(SqlWord.TO) || in.is(SqlLexer.Token.DOT)) {
      in.seek(here); // the setting is called so
      return named(local);
    }
    return switch (word) {
      case TRANSACTION -> of("transaction", OTHER, TRUE);
      case CONSTRAINTS -> of("constraints", OTHER, TRUE);
      case CHARACTERISTICS -> of("session characteristics", OTHER, local);
      case TIME -> of("timezone", OTHER, local);
      case NAMES -> of(SqlSettings.CLIENT_ENCODING, in.value(), local);
      case ROLE -> of("role", in.value(), local);
      case AUTHORIZATION -> of("session authorization", OTHER, local);
      case SCHEMA -> of("search_path", in.value(), local);
      default -> {
        in.seek(here);
        yield named(local);
      }
    };
  }

  private SqlCommand.Set named(SqlValue local) {
    String name = in.object();
    if (name == null) {
      return of("", OTHER, local);
    }
    if (!in.isSign('=') && !in.is(SqlWord.TO)) {
      return of(name, OTHER, local);
    }
    in.next();
    int value = in.start();
    if (in.is(SqlWord.DEFAULT)) {
      return of(name, OTHER, local);
    }
    SqlValue first = in.value();
    return of(name, in.ended() ? first : new SqlValue.Constant(in.rest(value)), local);
  }

  private static SqlCommand.Set of(String name, SqlValue value, SqlValue local) {
    return new SqlCommand.Set(new SqlValue.Constant(name.toLowerCase(Locale.ROOT)), value, local);
  }

  /** On SELECT: the statement if it has calls of {@code set_config} and nothing else, else null. */
  @Nullable SqlStatement setConfig() {
    SqlCommand.Set best = null;
    do {
      in.next();
      SqlCommand.Set set = call();
      if (set == null) {
        return null;
      }
      best = best == null || rank(set) < rank(best) ? set : best;
    } while (in.is(SqlLexer.Token.COMMA));
    return in.ended() ? statement(best) : null;
  }

  /** {@code [pg_catalog.]set_config(name, value, local) [[AS] label]} */
  private SqlCommand.@Nullable Set call() {
    if (in.name() == SqlWord.PG_CATALOG) {
      in.next();
      if (!in.skip(SqlLexer.Token.DOT)) {
        return null;
      }
    }
    if (in.name() != SqlWord.SET_CONFIG) {
      return null;
    }
    in.next();
    if (!in.skip(SqlLexer.Token.OPEN)) {
      return null;
    }
    SqlValue name = in.value();
    boolean comma = in.skip(SqlLexer.Token.COMMA);
    SqlValue value = in.value();
    comma &= in.skip(SqlLexer.Token.COMMA);
    SqlValue local = in.value();
    if (!comma || !in.skip(SqlLexer.Token.CLOSE)) {
      return null;
    }
    in.skip(SqlWord.AS);
    if (in.is(SqlLexer.Token.QUOTED) || (in.is(SqlLexer.Token.WORD) && !in.is(SqlWord.FROM))) {
      in.next();
    }
    return new SqlCommand.Set(lower(name), value, truth(local));
  }

  private static SqlValue lower(SqlValue name) {
    return name instanceof SqlValue.Constant(String text)
        ? new SqlValue.Constant(text.toLowerCase(Locale.ROOT))
        : name;
  }

  /** As PostgreSQL reads a boolean: any beginning of these words, if it tells them apart. */
  private static SqlValue truth(SqlValue local) {
    if (!(local instanceof SqlValue.Constant(String text))) {
      return local;
    }
    String word = text.strip().toLowerCase(Locale.ROOT);
    if (word.isEmpty()) {
      return OTHER;
    }
    if ("true".startsWith(word)
        || "yes".startsWith(word)
        || word.equals("on")
        || word.equals("1")) {
      return TRUE;
    }
    boolean no =
        "false".startsWith(word)
            || "no".startsWith(word)
            || ("off".startsWith(word) && word.length() > 1)
            || word.equals("0");
    return no ? FALSE : OTHER;
  }

  private static int rank(SqlCommand.Set set) {
    if (!(set.name() instanceof SqlValue.Constant)) {
      return 0; // it may be any
    }
    for (int i = 0; i < RANKS.length; i++) {
      if (set.sets(RANKS[i])) {
        return i;
      }
    }
    return RANKS.length;
  }
}
