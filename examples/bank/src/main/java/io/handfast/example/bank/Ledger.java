package io.handfast.example.bank;

import io.handfast.example.bank.Reservation.Kind;
import io.handfast.example.bank.Reservation.Order;
import io.handfast.example.bank.Reservation.State;
import io.handfast.example.bank.web.Problem;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Accounts and reservations of one bank, in PostgreSQL. Thread-safe.
 *
 * <p>A DEBIT takes its money out of what is available when it is reserved and out of the balance
 * when it is confirmed; a CREDIT shows only when it is confirmed.
 *
 * <pre>
 *              reserve             confirm
 *   (unknown) ────────▶ RESERVED ─────────▶ CONFIRMED
 *       │                   │ cancel
 *       └─── cancel ───▶ CANCELLED      a reserve that comes later is refused
 * </pre>
 *
 * Every move is idempotent by the caller's key, and locks the reservation before the account.
 */
final class Ledger {
  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS accounts (
        id text PRIMARY KEY,
        balance bigint NOT NULL,
        reserved bigint NOT NULL DEFAULT 0,
        CHECK (reserved >= 0 AND reserved <= balance));
      CREATE TABLE IF NOT EXISTS reservations (
        key text PRIMARY KEY,
        account text,
        kind text,
        amount bigint NOT NULL DEFAULT 0,
        state text NOT NULL);
      CREATE INDEX IF NOT EXISTS reservations_open
        ON reservations (key) WHERE state = 'RESERVED';
      """;

  private static final String COLUMNS = "key, account, kind, amount, state";

  private final Database database;

  Ledger(Database database) {
    this.database = database;
  }

  /** Opens accounts that are not there yet; one that is keeps its balance. */
  void open(Map<String, Long> balances) throws SQLException {
    database.inTransaction(connection -> {
      for (Map.Entry<String, Long> account : balances.entrySet()) {
        Database.update(
            connection,
            "INSERT INTO accounts (id, balance) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
            account.getKey(),
            account.getValue());
      }
      return balances.size();
    });
  }

  Reservation reserve(Order order) throws SQLException {
    return database.inTransaction(connection -> {
      int inserted =
          Database.update(
              connection,
              "INSERT INTO reservations (key, account, kind, amount, state)"
                  + " VALUES (?, ?, ?, ?, 'RESERVED') ON CONFLICT (key) DO NOTHING",
              order.key(),
              order.account(),
              order.kind().name(),
              order.amount());
      if (inserted == 0) {
        return repeated(order, lock(connection, order.key()));
      }
      setAside(connection, order);
      return new Reservation(
          order.key(), order.account(), order.kind(), order.amount(), State.RESERVED);
    });
  }

  private static Reservation repeated(Order order, Reservation existing) {
    if (existing.state() == State.CANCELLED) {
      throw Problem.conflict("reservation " + order.key() + " is cancelled: use a new key");
    }
    if (!order.matches(existing)) {
      throw Problem.conflict("key " + order.key() + " stands for another reservation");
    }
    return existing;
  }

  private static void setAside(Connection connection, Order order) throws SQLException {
    switch (order.kind()) {
      case CREDIT -> account(connection, order);
      case DEBIT -> {
        int reserved =
            Database.update(
                connection,
                "UPDATE accounts SET reserved = reserved + ?"
                    + " WHERE id = ? AND balance - reserved >= ?",
                order.amount(),
                order.account(),
                order.amount());
        if (reserved == 0) {
          throw Problem.unprocessable(
              "Insufficient Funds",
              "account %s: %d available (expected: %d)"
                  .formatted(
                      order.account(), account(connection, order).available(), order.amount()));
        }
      }
    }
  }

  private static Account account(Connection connection, Order order) throws SQLException {
    return find(connection, order.account())
        .orElseThrow(() -> Problem.notFound("account " + order.account() + ": not here"));
  }

  void confirm(String key) throws SQLException {
    database.inTransaction(connection -> {
      if (!settle(connection, key, State.CONFIRMED)) {
        Problem missing = Problem.notFound("reservation " + key + ": not here");
        switch (find(connection, key, "").orElseThrow(() -> missing).state()) {
          case CONFIRMED -> {}
          case CANCELLED -> throw Problem.conflict("reservation " + key + " is cancelled already");
          // It came after the confirmation.
          case RESERVED -> throw missing;
        }
      }
      return key;
    });
  }

  void cancel(String key) throws SQLException {
    database.inTransaction(connection -> {
      int inserted =
          Database.update(
              connection,
              "INSERT INTO reservations (key, state) VALUES (?, 'CANCELLED')"
                  + " ON CONFLICT (key) DO NOTHING",
              key);
      if (inserted == 0
          && !settle(connection, key, State.CANCELLED)
          && lock(connection, key).state() == State.CONFIRMED) {
        throw Problem.conflict("reservation " + key + " is confirmed already");
      }
      return key;
    });
  }

  /** Moves the money of an open reservation; false if there is none. */
  private static boolean settle(Connection connection, String key, State to) throws SQLException {
    Optional<Reservation> settled =
        Database.first(
            connection,
            Ledger::reservation,
            "UPDATE reservations SET state = ? WHERE key = ? AND state = 'RESERVED' RETURNING "
                + COLUMNS,
            to.name(),
            key);
    if (settled.isEmpty()) {
      return false;
    }
    long amount = settled.get().amount();
    String account = settled.get().account();
    boolean debit = settled.get().kind() == Kind.DEBIT;
    switch (to) {
      case RESERVED -> throw new IllegalStateException("not a settled state: " + to);
      case CONFIRMED -> move(connection, account, debit ? -amount : amount, debit ? -amount : 0);
      case CANCELLED -> move(connection, account, 0, debit ? -amount : 0);
    }
    return true;
  }

  private static void move(
      Connection connection, @Nullable String account, long balance, long reserved)
      throws SQLException {
    int moved =
        Database.update(
            connection,
            "UPDATE accounts SET balance = balance + ?, reserved = reserved + ? WHERE id = ?",
            balance,
            reserved,
            account);
    if (moved != 1) {
      throw new IllegalStateException("account " + account + " has gone under its reservation");
    }
  }

  Optional<Account> account(String id) throws SQLException {
    return database.inTransaction(connection -> find(connection, id));
  }

  private static Optional<Account> find(Connection connection, String id) throws SQLException {
    return Database.first(
        connection, Ledger::account, "SELECT id, balance, reserved FROM accounts WHERE id = ?", id);
  }

  List<Account> accounts() throws SQLException {
    return database.inTransaction(connection ->
        Database.query(
            connection, Ledger::account, "SELECT id, balance, reserved FROM accounts ORDER BY id"));
  }

  Optional<Reservation> reservation(String key) throws SQLException {
    return database.inTransaction(connection -> find(connection, key, ""));
  }

  /** The reservations in one of these states, at most {@code limit}, by key. */
  List<Reservation> reservations(List<State> states, int limit) throws SQLException {
    String[] names = states.stream().map(State::name).toArray(String[]::new);
    return database.inTransaction(connection ->
        Database.query(
            connection,
            Ledger::reservation,
            "SELECT " + COLUMNS + " FROM reservations WHERE state = ANY (?) ORDER BY key LIMIT ?",
            connection.createArrayOf("text", names),
            limit));
  }

  private static Reservation lock(Connection connection, String key) throws SQLException {
    return find(connection, key, " FOR UPDATE")
        .orElseThrow(() -> new IllegalStateException("reservation " + key + " has gone"));
  }

  private static Optional<Reservation> find(Connection connection, String key, String locking)
      throws SQLException {
    return Database.first(
        connection,
        Ledger::reservation,
        "SELECT " + COLUMNS + " FROM reservations WHERE key = ?" + locking,
        key);
  }

  private static Account account(ResultSet row) throws SQLException {
    return new Account(row.getString("id"), row.getLong("balance"), row.getLong("reserved"));
  }

  private static Reservation reservation(ResultSet row) throws SQLException {
    String kind = row.getString("kind");
    return new Reservation(
        row.getString("key"),
        row.getString("account"),
        kind == null ? null : Kind.valueOf(kind),
        row.getLong("amount"),
        State.valueOf(row.getString("state")));
  }
}
