package io.handfast.example.bank;

import io.handfast.example.bank.Reservation.Kind;
import io.handfast.example.bank.Reservation.Order;
import io.handfast.example.bank.web.TraceContext;
import java.sql.SQLException;

/** What a bank does for its callers, whatever they speak. Thread-safe. */
final class Bank {
  /** The points at which it can be made slow. */
  static Delays delays() {
    return new Delays("reserveBeforeMs", "reserveAfterMs", "confirmBeforeMs", "cancelBeforeMs");
  }

  private final Ledger ledger;
  private final Audit audit;
  private final Delays delays;

  Bank(Ledger ledger, Audit audit, Delays delays) {
    this.ledger = ledger;
    this.audit = audit;
    this.delays = delays;
  }

  Reservation reserve(TraceContext trace, Order order) throws SQLException, InterruptedException {
    if (order.kind() == Kind.DEBIT) {
      audit.checkLimit(trace, order.account(), order.amount());
    }
    delays.hold("reserveBeforeMs");
    Reservation reservation = ledger.reserve(order);
    delays.hold("reserveAfterMs");
    return reservation;
  }

  void confirm(String key) throws SQLException, InterruptedException {
    delays.hold("confirmBeforeMs");
    ledger.confirm(key);
  }

  void cancel(String key) throws SQLException, InterruptedException {
    delays.hold("cancelBeforeMs");
    ledger.cancel(key);
  }
}
