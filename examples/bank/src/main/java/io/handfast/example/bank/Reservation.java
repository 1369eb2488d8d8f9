package io.handfast.example.bank;

import io.handfast.example.bank.web.Names;
import io.handfast.example.bank.web.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A reservation as the bank remembers it. A cancel that came before its reserve leaves one that has
 * only a key.
 */
record Reservation(
    String key, @Nullable String account, @Nullable Kind kind, long amount, State state) {

  enum Kind {
    DEBIT,
    CREDIT
  }

  enum State {
    RESERVED,
    CONFIRMED,
    CANCELLED
  }

  /** What a caller asks for; the key is the caller's own. */
  record Order(String key, String account, Kind kind, long amount) {

    Order {
      Names.check("key", key);
      Names.check("account", account);
      if (kind == null) {
        throw Problem.badRequest("kind: missing (expected: DEBIT or CREDIT)");
      }
      if (amount <= 0) {
        throw Problem.badRequest("amount: " + amount + " (expected: cents, 1 or more)");
      }
    }

    boolean matches(Reservation existing) {
      return account.equals(existing.account) && kind == existing.kind && amount == existing.amount;
    }
  }
}
