package io.handfast.example.bank;

import io.handfast.example.bank.Reservation.Kind;
import io.handfast.example.bank.Reservation.Order;
import io.handfast.example.bank.Reservation.State;
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

  private static final String COLUMNS =
      "SELECT key, account, kind, amount, state FROM reservations ";

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
    Account account =
        Database.first(
                connection,
                Ledger::account,
                "SELECT id, balance, reserved FROM accounts WHERE id = ? FOR UPDATE",
                order.account())
            .orElseThrow(() -> Problem.notFound("account " + order.account() + ": not here"));
    switch (order.kind()) {
      case CREDIT -> {}
      case DEBIT -> {
        if (account.available() < order.amount()) {
          throw Problem.unprocessable(
              "Insufficient Funds",
              "account %s: %d available (expected: %d)"
                  .formatted(account.id(), account.available(), order.amount()));
        }
        move(connection, order.account(), 0, order.amount());
      }
    }
  }

  void confirm(String key) throws SQLException {
    database.inTransaction(connection -> {
      Reservation reservation =
          find(connection, key, " FOR UPDATE")
              .orElseThrow(() -> Problem.notFound("reservation " + key + ": not here"));
      switch (reservation.state()) {
        case CONFIRMED -> {}
        case CANCELLED -> throw Problem.conflict("reservation " + key + " is cancelled already");
        case RESERVED -> {
          settle(connection, reservation, State.CONFIRMED);
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
      if (inserted == 1) {
        return key;
      }
      Reservation reservation = lock(connection, key);
      switch (reservation.state()) {
        case CANCELLED -> {}
        case CONFIRMED -> throw Problem.conflict("reservation " + key + " is confirmed already");
        case RESERVED -> settle(connection, reservation, State.CANCELLED);
      }
      return key;
    });
  }

  private static void settle(Connection connection, Reservation reservation, State to)
      throws SQLException {
    Database.update(
        connection,
        "UPDATE reservations SET state = ? WHERE key = ?",
        to.name(),
        reservation.key());
    long amount = reservation.amount();
    String account = reservation.account();
    boolean debit = reservation.kind() == Kind.DEBIT;
    switch (to) {
      case RESERVED -> throw new IllegalStateException("not a settled state: " + to);
      case CONFIRMED -> move(connection, account, debit ? -amount : amount, debit ? -amount : 0);
      case CANCELLED -> move(connection, account, 0, debit ? -amount : 0);
    }
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
    return database.inTransaction(connection ->
        Database.first(
            connection,
            Ledger::account,
            "SELECT id, balance, reserved FROM accounts WHERE id = ?",
            id));
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
            COLUMNS + "WHERE state = ANY (?) ORDER BY key LIMIT ?",
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
        connection, Ledger::reservation, COLUMNS + "WHERE key = ?" + locking, key);
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
