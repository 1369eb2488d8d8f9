package io.handfast.example.bank;

import io.handfast.example.bank.Reservation.Kind;
import io.handfast.example.bank.Transfer.Order;
import io.handfast.example.bank.Transfer.Place;
import io.handfast.example.bank.web.Problem;
import io.handfast.example.bank.web.TraceContext;
import java.sql.SQLException;

/** What {@code transfers} does for its clients, whatever they speak. Thread-safe. */
final class Transfers {
  private final TransferStore store;

  Transfers(TransferStore store) {
    this.store = store;
  }

  /** Reserves at both banks. Throws the answer for the client when one of them does not. */
  void create(TraceContext trace, Order order, Banks banks)
      throws SQLException, InterruptedException {
    Place from = place("from", order.from(), banks);
    Place to = place("to", order.to(), banks);
    store.open(order);
    try {
      banks.reserve(trace, from.bank(), reservation(from, Kind.DEBIT, order));
      banks.reserve(trace, to.bank(), reservation(to, Kind.CREDIT, order));
    } catch (Problem problem) {
      store.cancel(order.id());
      throw problem;
    }
  }

  private static Place place(String field, String text, Banks banks) {
    Place place = Place.parse(field, text);
    if (!banks.names().contains(place.bank())) {
      String names = String.join(", ", banks.names().stream().sorted().toList());
      throw Problem.unprocessable(
          "Unknown Bank", field + ": " + place.bank() + " (expected one of: " + names + ")");
    }
    return place;
  }

  /** The key is made from the transfer's id, so that a bank knows a repetition when it sees one. */
  private static Reservation.Order reservation(Place place, Kind kind, Order order) {
    String key = order.id() + (kind == Kind.DEBIT ? "-debit" : "-credit");
    return new Reservation.Order(key, place.account(), kind, order.amount());
  }
}
