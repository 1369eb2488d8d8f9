package io.handfast.example.bank;

import io.handfast.example.bank.Reservation.Kind;
import io.handfast.example.bank.Transfer.Order;
import io.handfast.example.bank.Transfer.Place;
import java.net.URI;
import java.sql.SQLException;
import java.util.Map;

/** The REST interface of {@code transfers}. */
final class TransfersApi {
  private final TransferStore store;
  private final OutgoingCalls calls;
  private final Map<String, URI> banks;

  TransfersApi(TransferStore store, OutgoingCalls calls, Map<String, URI> banks) {
    this.store = store;
    this.calls = calls;
    this.banks = banks;
  }

  Router routes() {
    return new Router()
        .on("POST", "/transfers", this::create)
        .on("GET", "/transfers", call -> Answer.ok(store.transfers(call.limit())))
        .on("GET", "/transfers/{id}", this::transfer)
        .on("PUT", "/transfers/{id}/confirm", this::confirm)
        .on("PUT", "/transfers/{id}/cancel", this::cancel);
  }

  private Answer create(Call call) throws SQLException, InterruptedException {
    Order order = call.json(Order.class);
    Place from = Place.parse("from", order.from());
    Place to = Place.parse("to", order.to());
    URI payer = bank("from", from);
    URI payee = bank("to", to);
    store.open(order);
    try {
      reserve(call, payer, from, Kind.DEBIT, order);
      reserve(call, payee, to, Kind.CREDIT, order);
    } catch (Problem problem) {
      store.cancel(order.id());
      throw problem;
    }
    return Answer.created("/transfers/" + order.id(), order);
  }

  private URI bank(String field, Place place) {
    URI uri = banks.get(place.bank());
    if (uri == null) {
      throw Problem.unprocessable(
          "Unknown Bank", field + ": " + place.bank() + " (expected one of: " + names() + ")");
    }
    return uri;
  }

  private String names() {
    return String.join(", ", banks.keySet().stream().sorted().toList());
  }

  /** The key is made from the transfer's id, so that a bank knows a repetition when it sees one. */
  private void reserve(Call call, URI bank, Place place, Kind kind, Order order)
      throws InterruptedException {
    String key = order.id() + "-" + (kind == Kind.DEBIT ? "debit" : "credit");
    calls.post(
        call,
        place.bank(),
        bank.resolve("/reservations"),
        Map.of("key", key, "account", place.account(), "kind", kind, "amount", order.amount()));
  }

  private Answer transfer(Call call) throws SQLException {
    String id = id(call);
    return Answer.ok(
        store.transfer(id).orElseThrow(() -> Problem.notFound("transfer " + id + ": not here")));
  }

  private Answer confirm(Call call) throws SQLException {
    store.confirm(id(call));
    return Answer.noContent();
  }

  private Answer cancel(Call call) throws SQLException {
    store.cancel(id(call));
    return Answer.noContent();
  }

  private static String id(Call call) {
    return Names.check("id", call.pathValue("id"));
  }
}
