package io.handfast.example.bank;

import io.handfast.example.bank.web.Names;
import io.handfast.example.bank.web.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A transfer as {@code transfers} remembers it. A cancel that came first leaves one that has only
 * an id.
 *
 * @param from bank and account, {@code bank-a/alice}
 * @param amount cents
 */
public record Transfer(
    String id, @Nullable String from, @Nullable String to, long amount, State state) {

  /** How far it is. */
  public enum State {
    PENDING,
    CONFIRMED,
    CANCELLED
  }

  /**
   * What a client asks for. The id is the client's own, so that what became of a transfer can be
   * asked even when its answer was lost.
   */
  public record Order(String id, String from, String to, long amount) {

    public Order {
      Names.check("id", id);
      Place.parse("from", from);
      Place.parse("to", to);
      if (amount <= 0) {
        throw Problem.badRequest("amount: " + amount + " (expected: cents, 1 or more)");
      }
    }
  }

  /** An account at a bank, written {@code bank-a/alice}. */
  public record Place(String bank, String account) {

    /** Reads one; throws the answer for the caller where it is none. */
    public static Place parse(String field, @Nullable String text) {
      int slash = text == null ? -1 : text.indexOf('/');
      if (text == null || slash < 0) {
        throw Problem.badRequest(
            field + ": " + (text == null ? "missing" : text) + " (expected: BANK/ACCOUNT)");
      }
      return new Place(
          Names.check(field + " bank", text.substring(0, slash)),
          Names.check(field + " account", text.substring(slash + 1)));
    }
  }
}
