package io.handfast.example.bank;

import io.handfast.example.bank.Reservation.Order;
import io.handfast.example.bank.Reservation.State;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Call;
import io.handfast.example.bank.web.Names;
import io.handfast.example.bank.web.Problem;
import io.handfast.example.bank.web.Router;
import java.sql.SQLException;
import java.util.List;

/** The REST interface of a bank. */
final class BankApi {
  private final Bank bank;
  private final Ledger ledger;
  private final Delays delays;

  BankApi(Bank bank, Ledger ledger, Delays delays) {
    this.bank = bank;
    this.ledger = ledger;
    this.delays = delays;
  }

  Router routes() {
    Router router =
        new Router()
            .on("POST", "/reservations", this::reserve)
            .on("GET", "/reservations", this::reservations)
            .on("GET", "/reservations/{key}", this::reservation)
            .on("PUT", "/reservations/{key}/confirm", this::confirm)
            .on("PUT", "/reservations/{key}/cancel", this::cancel)
            .on("GET", "/accounts", call -> Answer.ok(ledger.accounts()))
            .on("GET", "/accounts/{id}", this::account);
    return delays.routes(router);
  }

  private Answer reserve(Call call) throws SQLException, InterruptedException {
    Reservation reservation = bank.reserve(call.trace(), call.json(Order.class));
    return Answer.created("/reservations/" + reservation.key(), reservation);
  }

  private Answer confirm(Call call) throws SQLException, InterruptedException {
    bank.confirm(key(call));
    return Answer.noContent();
  }

  private Answer cancel(Call call) throws SQLException, InterruptedException {
    bank.cancel(key(call));
    return Answer.noContent();
  }

  private Answer reservation(Call call) throws SQLException {
    String key = key(call);
    return Answer.ok(
        ledger
            .reservation(key)
            .orElseThrow(() -> Problem.notFound("reservation " + key + ": not here")));
  }

  private Answer reservations(Call call) throws SQLException {
    String state = call.query().get("state");
    return Answer.ok(
        ledger.reservations(
            state == null ? List.of(State.values()) : List.of(state(state)), call.limit()));
  }

  private static State state(String name) {
    for (State state : State.values()) {
      if (state.name().equals(name)) {
        return state;
      }
    }
    throw Problem.badRequest(
        "query parameter state: " + name + " (expected: RESERVED, CONFIRMED or CANCELLED)");
  }

  private Answer account(Call call) throws SQLException {
    String id = call.pathValue("id");
    return Answer.ok(
        ledger.account(id).orElseThrow(() -> Problem.notFound("account " + id + ": not here")));
  }

  private static String key(Call call) {
    return Names.check("key", call.pathValue("key"));
  }
}
