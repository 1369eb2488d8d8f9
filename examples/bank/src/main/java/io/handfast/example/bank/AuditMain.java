package io.handfast.example.bank;

import io.handfast.example.bank.ServiceMain.Running;
import io.handfast.example.bank.web.OutgoingCalls;
import java.io.IOException;
import java.util.Set;

/**
 * Says whether an amount may leave an account, and counts the money in all banks. It keeps nothing
 * and only answers GET: {@code /limits?account=bank-a/alice&amount=500} and {@code /totals}.
 *
 * <p>Options: {@code --port 18380 --limit 1000000} (cents a reservation) {@code --banks
 * bank-a=http://127.0.0.1:18301,bank-b=http://127.0.0.1:18302}.
 */
public final class AuditMain {
  static final Set<String> OPTIONS = Set.of("port", "limit", "banks");

  private AuditMain() {}

  /** Starts the service; exits with status 2 on a bad option. */
  public static void main(String[] args) {
    ServiceMain.run("audit", OPTIONS, args, AuditMain::start);
  }

  static Running start(Options options) throws IOException {
    AuditApi api =
        new AuditApi(
            options.number("limit", 1_000_000), new OutgoingCalls(), options.urls("banks"));
    return Running.start(options, api.routes(), () -> {});
  }
}
