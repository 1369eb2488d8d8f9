package io.handfast.example.bank;

import java.io.IOException;
import java.util.Set;

/**
 * Says whether an amount may leave an account: {@code GET /limits?account=bank-a/alice&amount=500}.
 * It keeps nothing and only answers GET.
 *
 * <p>Options: {@code --port 18380 --limit 1000000} (cents a transfer).
 */
public final class AuditMain {
  static final Set<String> OPTIONS = Set.of("port", "limit");

  /**
   * The answer.
   *
   * @param limit the largest amount that may leave the account at once, cents
   */
  record Limit(String account, long amount, long limit, boolean allowed) {}

  private AuditMain() {}

  /** Starts the service; exits with status 2 on a bad option. */
  public static void main(String[] args) {
    ServiceMain.run("audit", OPTIONS, args, AuditMain::start);
  }

  static Web start(Options options) throws IOException {
    long limit = options.number("limit", 1_000_000);
    Router router =
        new Router()
            .on(
                "GET",
                "/limits",
                call -> {
                  String account = call.requiredQuery("account");
                  long amount = call.requiredQueryNumber("amount");
                  return Answer.ok(new Limit(account, amount, limit, amount <= limit));
                });
    return Web.start(options.port(), router, () -> {});
  }
}
