package io.handfast.example.bank;

import io.handfast.example.bank.Transfer.Order;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Call;
import io.handfast.example.bank.web.Names;
import io.handfast.example.bank.web.Problem;
import io.handfast.example.bank.web.Router;
import java.sql.SQLException;

/** The REST interface of {@code transfers}. */
final class TransfersApi {
  private final Transfers transfers;
  private final TransferStore store;
  private final Banks banks;

  TransfersApi(Transfers transfers, TransferStore store, Banks banks) {
    this.transfers = transfers;
    this.store = store;
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
    transfers.create(call.trace(), order, banks);
    return Answer.created("/transfers/" + order.id(), order);
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
