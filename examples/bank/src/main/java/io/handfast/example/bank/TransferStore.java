package io.handfast.example.bank;

import io.handfast.example.bank.Transfer.State;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The transfers, in the service's own PostgreSQL database. Thread-safe. PENDING until confirmed or
 * cancelled; both are idempotent, and an id that was cancelled first is refused afterwards.
 */
final class TransferStore {
  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS transfers (
        id text PRIMARY KEY,
        source text,
        target text,
        amount bigint NOT NULL DEFAULT 0,
        state text NOT NULL);
      """;

  private static final String COLUMNS = "SELECT id, source, target, amount, state FROM transfers ";

  private final Database database;

  TransferStore(Database database) {
    this.database = database;
  }

  /** Writes a PENDING transfer; an id that is taken is refused, whatever became of it. */
  void open(Transfer.Order order) throws SQLException {
    database.inTransaction(connection -> {
      int inserted =
          Database.update(
              connection,
              "INSERT INTO transfers (id, source, target, amount, state)"
                  + " VALUES (?, ?, ?, ?, 'PENDING') ON CONFLICT (id) DO NOTHING",
              order.id(),
              order.from(),
              order.to(),
              order.amount());
      if (inserted == 0) {
        throw Problem.conflict(
            "id: %s is taken, by a transfer that is %s (expected: a new id)"
                .formatted(order.id(), locked(connection, order.id()).state()));
      }
      return order.id();
    });
  }

  void confirm(String id) throws SQLException {
    database.inTransaction(connection -> {
      Transfer transfer =
          find(connection, id, " FOR UPDATE")
              .orElseThrow(() -> Problem.notFound("transfer " + id + ": not here"));
      switch (transfer.state()) {
        case CONFIRMED -> {}
        case CANCELLED -> throw Problem.conflict("transfer " + id + " is cancelled already");
        case PENDING -> settle(connection, id, State.CONFIRMED);
      }
      return id;
    });
  }

  void cancel(String id) throws SQLException {
    database.inTransaction(connection -> {
      int inserted =
          Database.update(
              connection,
              "INSERT INTO transfers (id, state) VALUES (?, 'CANCELLED')"
                  + " ON CONFLICT (id) DO NOTHING",
              id);
      if (inserted == 1) {
        return id;
      }
      switch (locked(connection, id).state()) {
        case CANCELLED -> {}
        case CONFIRMED -> throw Problem.conflict("transfer " + id + " is confirmed already");
        case PENDING -> settle(connection, id, State.CANCELLED);
      }
      return id;
    });
  }

  private static void settle(Connection connection, String id, State to) throws SQLException {
    Database.update(connection, "UPDATE transfers SET state = ? WHERE id = ?", to.name(), id);
  }

  Optional<Transfer> transfer(String id) throws SQLException {
    return database.inTransaction(connection -> find(connection, id, ""));
  }

  /** At most {@code limit} transfers, by id. */
  List<Transfer> transfers(int limit) throws SQLException {
    return database.inTransaction(connection ->
        Database.query(
            connection, TransferStore::transfer, COLUMNS + "ORDER BY id LIMIT ?", limit));
  }

  private static Transfer locked(Connection connection, String id) throws SQLException {
    return find(connection, id, " FOR UPDATE")
        .orElseThrow(() -> new IllegalStateException("transfer " + id + " has gone"));
  }

  private static Optional<Transfer> find(Connection connection, String id, String locking)
      throws SQLException {
    return Database.first(
        connection, TransferStore::transfer, COLUMNS + "WHERE id = ?" + locking, id);
  }

  private static Transfer transfer(ResultSet row) throws SQLException {
    return new Transfer(
        row.getString("id"),
        row.getString("source"),
        row.getString("target"),
        row.getLong("amount"),
        State.valueOf(row.getString("state")));
  }
}
