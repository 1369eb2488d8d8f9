package io.handfast.example.bank.plain;

import io.handfast.example.bank.Audit;
import io.handfast.example.bank.Delays;
import io.handfast.example.bank.plain.Accounts.Booking;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Call;
import io.handfast.example.bank.web.Names;
import io.handfast.example.bank.web.Problem;
import io.handfast.example.bank.web.Router;
import io.handfast.example.bank.web.TraceContext;
import java.sql.SQLException;
import java.util.Optional;

/** The REST interface of a bank. */
final class BankApi {
  /** Before the bank looks at its database, and in the middle of what it does there. */
  private static final String BEFORE = "beforeMs";

  private static final String INSIDE = "insideMs";

  private final Accounts accounts;
  private final Optional<Audit> audit;
  private final Delays delays = new Delays(BEFORE, INSIDE);

  BankApi(Accounts accounts, Optional<Audit> audit) {
    this.accounts = accounts;
    this.audit = audit;
  }

  Router routes() {
    Router router =
        new Router()
            .on("POST", "/accounts/{id}/withdraw", this::withdraw)
            .on("POST", "/accounts/{id}/deposit", this::deposit)
            .on("GET", "/accounts", call -> Answer.ok(accounts.all()))
            .on("GET", "/accounts/{id}", call -> Answer.ok(accounts.account(id(call))))
            .on("GET", "/entries", call -> Answer.ok(accounts.entries(call.limit())));
    return delays.routes(router);
  }

  private Answer withdraw(Call call) throws SQLException, InterruptedException {
    Booking booking = call.json(Booking.class);
    if (audit.isPresent()) {
      audit.get().checkLimit(TraceContext.NONE, id(call), booking.amount());
    }
    delays.hold(BEFORE);
    return Answer.ok(accounts.withdraw(id(call), booking, this::inside));
  }

  private Answer deposit(Call call) throws SQLException, InterruptedException {
    Booking booking = call.json(Booking.class);
    delays.hold(BEFORE);
    return Answer.ok(accounts.deposit(id(call), booking, this::inside));
  }

  private void inside() {
    try {
      delays.hold(INSIDE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(503, "Stopping", "this service is being stopped");
    }
  }

  private static String id(Call call) {
    return Names.check("id", call.pathValue("id"));
  }
}
