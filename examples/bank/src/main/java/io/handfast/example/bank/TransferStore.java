package io.handfast.example.bank;

import io.handfast.example.bank.Transfer.State;
import io.handfast.example.bank.web.Problem;
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
    int inserted =
        database.update(
            "INSERT INTO transfers (id, source, target, amount, state)"
                + " VALUES (?, ?, ?, ?, 'PENDING') ON CONFLICT (id) DO NOTHING",
            order.id(),
            order.from(),
            order.to(),
            order.amount());
    if (inserted == 0) {
      throw Problem.conflict(
          "id: %s is taken, by a transfer that is %s (expected: a new id)"
              .formatted(order.id(), existing(order.id()).state()));
    }
  }

  void confirm(String id) throws SQLException {
    if (!settle(id, State.CONFIRMED)) {
      switch (existing(id).state()) {
        case CONFIRMED -> {}
        case CANCELLED -> throw Problem.conflict("transfer " + id + " is cancelled already");
        // It came after the confirmation.
        case PENDING -> throw missing(id);
      }
    }
  }

  void cancel(String id) throws SQLException {
    int inserted =
        database.update(
            "INSERT INTO transfers (id, state) VALUES (?, 'CANCELLED') ON CONFLICT (id) DO NOTHING",
            id);
    if (inserted == 0 && !settle(id, State.CANCELLED) && existing(id).state() == State.CONFIRMED) {
      throw Problem.conflict("transfer " + id + " is confirmed already");
    }
  }

  /** False if there is no such transfer that is PENDING. */
  private boolean settle(String id, State to) throws SQLException {
    return database.update(
            "UPDATE transfers SET state = ? WHERE id = ? AND state = 'PENDING'", to.name(), id)
        == 1;
  }

  private Transfer existing(String id) throws SQLException {
    return transfer(id).orElseThrow(() -> missing(id));
  }

  private static Problem missing(String id) {
    return Problem.notFound("transfer " + id + ": not here");
  }

  Optional<Transfer> transfer(String id) throws SQLException {
    return database.inTransaction(connection ->
        Database.first(connection, TransferStore::transfer, COLUMNS + "WHERE id = ?", id));
  }

  /** At most {@code limit} transfers, by id. */
  List<Transfer> transfers(int limit) throws SQLException {
    return database.inTransaction(connection ->
        Database.query(
            connection, TransferStore::transfer, COLUMNS + "ORDER BY id LIMIT ?", limit));
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
