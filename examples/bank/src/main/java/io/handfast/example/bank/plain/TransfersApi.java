package io.handfast.example.bank.plain;

import io.handfast.example.bank.Database;
import io.handfast.example.bank.Transfer;
import io.handfast.example.bank.Transfer.Place;
import io.handfast.example.bank.plain.Accounts.Booking;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Call;
import io.handfast.example.bank.web.Names;
import io.handfast.example.bank.web.OutgoingCalls;
import io.handfast.example.bank.web.Problem;
import io.handfast.example.bank.web.Router;
import io.handfast.example.bank.web.TraceContext;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What {@code transfers} does: writes a row, commits it, and asks both banks. Thread-safe. */
final class TransfersApi {
  static final String SCHEMA =
      """
      CREATE TABLE IF NOT EXISTS transfers (
        id text PRIMARY KEY,
        source text NOT NULL,
        target text NOT NULL,
        amount bigint NOT NULL);
      """;

  private static final String COLUMNS = "SELECT id, source, target, amount FROM transfers ";

  private final Database database;
  private final OutgoingCalls calls;
  private final Map<String, URI> banks;

  /** A call that a transfer makes. */
  private record Step(String bank, String path, Booking booking) {}

  TransfersApi(Database database, OutgoingCalls calls, Map<String, URI> banks) {
    this.database = database;
    this.calls = calls;
    this.banks = Map.copyOf(banks);
  }

  Router routes() {
    return new Router()
        .on("POST", "/transfers", this::create)
        .on("GET", "/transfers", this::all)
        .on("GET", "/transfers/{id}", this::one);
  }

  private Answer create(Call call) throws SQLException, InterruptedException {
    Transfer.Order order = call.json(Transfer.Order.class);
    List<Step> steps =
        Stream.of(
                step("from", order.from(), "withdraw", new Booking(order.id(), order.amount())),
                step("to", order.to(), "deposit", new Booking(order.id(), order.amount())))
            // Always in the same order, so that no two transfers wait for each other's account.
            .sorted(Comparator.comparing(Step::bank).thenComparing(Step::path))
            .toList();
    insert(order);
    for (Step step : steps) {
      URI uri = bank(step).resolve(step.path());
      calls.post(TraceContext.NONE, step.bank(), uri, step.booking());
    }
    return Answer.created("/transfers/" + order.id(), order);
  }

  private Step step(String field, String text, String what, Booking booking) {
    Place place = Place.parse(field, text);
    return new Step(place.bank(), "/accounts/" + place.account() + "/" + what, booking);
  }

  private URI bank(Step step) {
    URI url = banks.get(step.bank());
    if (url == null) {
      String names = String.join(", ", banks.keySet().stream().sorted().toList());
      throw Problem.unprocessable(
          "Unknown Bank", step.bank() + " (expected one of: " + names + ")");
    }
    return url;
  }

  private void insert(Transfer.Order order) throws SQLException {
    int inserted =
        database.update(
            "INSERT INTO transfers (id, source, target, amount) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (id) DO NOTHING",
            order.id(),
            order.from(),
            order.to(),
            order.amount());
    if (inserted == 0) {
      throw Problem.conflict("id: " + order.id() + " is taken (expected: a new id)");
    }
  }

  private Answer all(Call call) throws SQLException {
    return Answer.ok(
        database.inTransaction(connection ->
            Database.query(
                connection, TransfersApi::order, COLUMNS + "ORDER BY id LIMIT ?", call.limit())));
  }

  private Answer one(Call call) throws SQLException {
    String id = Names.check("id", call.pathValue("id"));
    return Answer.ok(
        database
            .inTransaction(connection ->
                Database.first(connection, TransfersApi::order, COLUMNS + "WHERE id = ?", id))
            .orElseThrow(() -> Problem.notFound("transfer " + id + ": not here")));
  }

  private static Transfer.Order order(ResultSet row) throws SQLException {
    return new Transfer.Order(
        row.getString("id"),
        row.getString("source"),
        row.getString("target"),
        row.getLong("amount"));
  }
}
