package io.handfast.example.bank;

import io.handfast.example.bank.web.TraceContext;
import java.util.Set;

/** The banks, as {@code transfers} sees them, by name. Thread-safe. */
interface Banks {
  Set<String> names();

  /**
   * Asks a bank, which must be one of {@link #names}, to set money aside. Throws the answer for the
   * caller when it does not.
   */
  void reserve(TraceContext trace, String bank, Reservation.Order order)
      throws InterruptedException;
}
