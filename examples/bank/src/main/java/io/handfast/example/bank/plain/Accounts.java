package io.handfast.example.bank.plain;

import io.handfast.example.bank.Database;
import io.handfast.example.bank.web.Names;
import io.handfast.example.bank.web.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** The accounts of one bank, in PostgreSQL, and what has been booked on them. Thread-safe. */
final class Accounts {
  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS accounts (
        id text PRIMARY KEY,
        balance bigint NOT NULL CHECK (balance >= 0));
      CREATE TABLE IF NOT EXISTS entries (
        number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        reference text NOT NULL,
        account text NOT NULL REFERENCES accounts,
        amount bigint NOT NULL);
      """;

  private final Database database;

  /**
   * An account.
   *
   * @param balance cents
   */
  record Account(String id, long balance) {}

  /**
   * A line of an account's statement.
   *
   * @param amount cents; negative for what was taken
   */
  record Entry(String reference, String account, long amount) {}

  /**
   * What a caller asks for.
   *
   * @param reference for the statement; nothing looks at it otherwise
   * @param amount cents
   */
  record Booking(String reference, long amount) {
    Booking {
      Names.check("reference", reference);
      if (amount <= 0) {
        throw Problem.badRequest("amount: " + amount + " (expected: cents, 1 or more)");
      }
    }
  }

  Accounts(Database database) {
    this.database = database;
  }

  /** Opens accounts that are not there yet; one that is keeps its balance. */
  void open(Map<String, Long> balances) throws SQLException {
    for (Map.Entry<String, Long> account : balances.entrySet()) {
      database.update(
          "INSERT INTO accounts (id, balance) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
          account.getKey(),
          account.getValue());
    }
  }

  /**
   * Takes money out of an account, unless there is too little in it.
   *
   * @param inside what else is done before it is committed
   */
  Account withdraw(String id, Booking booking, Inside inside) throws SQLException {
    return database.inTransaction(connection -> {
      int taken =
          Database.update(
              connection,
              "UPDATE accounts SET balance = balance - ? WHERE id = ? AND balance >= ?",
              booking.amount(),
              id,
              booking.amount());
      if (taken == 0) {
        throw Problem.unprocessable(
            "Insufficient Funds",
            "account %s: %d available (expected: %d)"
                .formatted(id, account(connection, id).balance(), booking.amount()));
      }
      enter(connection, new Entry(booking.reference(), id, -booking.amount()));
      inside.run();
      return account(connection, id);
    });
  }

  /** Puts money into an account, as {@link #withdraw} takes it. */
  Account deposit(String id, Booking booking, Inside inside) throws SQLException {
    return database.inTransaction(connection -> {
      int given =
          Database.update(
              connection,
              "UPDATE accounts SET balance = balance + ? WHERE id = ?",
              booking.amount(),
              id);
      if (given == 0) {
        throw missing(id);
      }
      enter(connection, new Entry(booking.reference(), id, booking.amount()));
      inside.run();
      return account(connection, id);
    });
  }

  /** What is done in the middle of a database transaction. */
  interface Inside {
    void run();
  }

  private static void enter(Connection connection, Entry entry) throws SQLException {
    Database.update(
        connection,
        "INSERT INTO entries (reference, account, amount) VALUES (?, ?, ?)",
        entry.reference(),
        entry.account(),
        entry.amount());
  }

  List<Account> all() throws SQLException {
    return database.inTransaction(connection ->
        Database.query(
            connection,
            row -> new Account(row.getString("id"), row.getLong("balance")),
            "SELECT id, balance FROM accounts ORDER BY id"));
  }

  Account account(String id) throws SQLException {
    return database.inTransaction(connection -> account(connection, id));
  }

  private static Account account(Connection connection, String id) throws SQLException {
    return Database.first(
            connection,
            row -> new Account(id, row.getLong("balance")),
            "SELECT balance FROM accounts WHERE id = ?",
            id)
        .orElseThrow(() -> missing(id));
  }

  private static Problem missing(String id) {
    return Problem.notFound("account " + id + ": not here");
  }

  /** What has been booked, at most {@code limit} lines, newest first. */
  List<Entry> entries(int limit) throws SQLException {
    return database.inTransaction(connection ->
        Database.query(
            connection,
            row ->
                new Entry(
                    row.getString("reference"), row.getString("account"), row.getLong("amount")),
            "SELECT reference, account, amount FROM entries ORDER BY number DESC LIMIT ?",
            limit));
  }
}
