package io.handfast.proxy.postgres.session;

import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.SqlRefusal;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether the sidecar could complete what a block would prepare. PostgreSQL lets only the role that
 * has prepared complete it, or a superuser; of whom is neither it would stay for ever, with its
 * locks. So it would where the sidecar's own connections are to another server. One for each
 * connection: what stays the same there is asked for once, with the id of a transaction, which
 * costs no round trip.
 *
 * <p>A superuser to whom {@code roles} are given takes up theirs alone, so the others' are not
 * prepared for it.
 */
final class Completer {
  /** How many columns {@link #columns} asks for. */
  static final int COLUMNS = 3;

  /** SQLSTATE by which {@link #guard} refuses: division by zero. */
  static final String REFUSED = "22012";

  private final PgRules rules;
  private final SqlInterceptor sql;

  /** The question whether {@code user} is one. */
  private final String superuser;

  /** {@code user} is a superuser, and takes up what anybody has prepared: of the last answer. */
  private boolean anybody;

  /** Whether this connection's role may ask which server this is. */
  private enum Telling {
    UNKNOWN,
    MAY,
    MAY_NOT
  }

  private Telling telling = Telling.UNKNOWN;

  /** The {@code system_identifier} of this connection's server; empty until it was asked for. */
  private String server = "";

  Completer(PgRules rules, SqlInterceptor sql) {
    this.rules = rules;
    this.sql = sql;
    this.superuser = superuser(rules);
  }

  /**
   * What is asked behind the id of a transaction: the role that would own it, as hexadecimal UTF-8,
   * for the client's encoding may be any; whether {@code user} is a superuser, or NULL; and which
   * server this is, or NULL. None of it may fail whatever the client's role is, for that would fail
   * the client's transaction: so it is asked first whether the server may be asked for.
   */
  String columns() {
    return ", pg_catalog.encode(pg_catalog.convert_to(current_user::pg_catalog.text, 'UTF8'),"
        + " 'hex'), "
        + superuser
        + (!asksForServer()
            ? ", NULL"
            : telling == Telling.MAY
                ? ", (SELECT system_identifier FROM pg_catalog.pg_control_system())"
                : ", pg_catalog.has_function_privilege("
                    + "'pg_catalog.pg_control_system()', 'EXECUTE')");
  }

  /**
   * Nobody but a superuser may truncate a system's table, whatever is granted ({@code
   * pg_class_aclmask_ext}); who asks needs no privilege for that.
   */
  private static String superuser(PgRules rules) {
    return rules.user().isEmpty() || !rules.roles().isEmpty()
        ? "NULL"
        : "pg_catalog.has_table_privilege(pg_catalog.to_regrole("
            + Wire.literal('"' + rules.user().replace("\"", "\"\"") + '"')
            + ")::pg_catalog.oid, 'pg_catalog.pg_authid', 'TRUNCATE')";
  }

  /** Whether more is to be asked before anything is prepared: which server this is. */
  boolean asksForServer() {
    return server.isEmpty()
        && telling != Telling.MAY_NOT
        && !sql.server(rules.database()).isEmpty();
  }

  /** What was answered, from the id on. */
  void told(List<@Nullable String> row) {
    anybody = row.size() > 2 && "t".equals(row.get(2));
    String told = row.size() > 3 ? row.get(3) : null;
    switch (told) {
      case null -> {}
      case "t" -> telling = Telling.MAY;
      case "f" -> telling = Telling.MAY_NOT;
      default -> server = told;
    }
  }

  /** What was asked is refused to the client's role: it may be another one than before. */
  void mayNotAsk() {
    telling = Telling.MAY_NOT;
  }

  /** The role, from the same answer; empty if it tells none. */
  static String owner(List<@Nullable String> row) {
    String owner = row.size() > 1 ? row.get(1) : null;
    return owner == null ? "" : new String(HexFormat.of().parseHex(owner), StandardCharsets.UTF_8);
  }

  boolean completes(String owner) {
    return anybody || rules.completes(owner);
  }

  /** Why nothing of that role is prepared; null if it may be. */
  @Nullable SqlRefusal refuses(String owner) {
    String other = sql.server(rules.database());
    if (!server.isEmpty() && !other.isEmpty() && !server.equals(other)) {
      return new SqlRefusal(
          SqlRefusal.NOT_SUPPORTED,
          "the block cannot be prepared, because the sidecar could not find it: this connection is"
              + " to the server with the system identifier "
              + server
              + ", and those of database "
              + rules.database()
              + " are to "
              + other,
          "Let the filter's cluster and the database's addresses be the same server.");
    }
    if (completes(owner)) {
      return null;
    }
    return Admission.owned(owner, rules.user()).refusal();
  }

  /** What {@link #guard} has refused: it does not tell who it was. */
  SqlRefusal refuses() {
    return Admission.owned("that a statement of it has made current", rules.user()).refusal();
  }

  /**
   * A statement directly before PREPARE that fails if another role is current than those whose
   * transactions are completed: functions, triggers and views may have changed it, which no text
   * tells. Null if any will do.
   */
  @Nullable String guard() {
    if (anybody || rules.user().isEmpty()) {
      return null;
    }
    TreeSet<String> roles = new TreeSet<>(rules.roles());
    roles.add(rules.user());
    return "SELECT 1 OPERATOR(pg_catalog./) (current_user OPERATOR(pg_catalog.=) ANY (ARRAY["
        + roles.stream().map(Wire::literal).collect(Collectors.joining(", "))
        + "]::pg_catalog.name[]))::pg_catalog.int4";
  }
}
