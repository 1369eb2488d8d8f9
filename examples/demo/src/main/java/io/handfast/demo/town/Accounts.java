package io.handfast.demo.town;

import io.handfast.demo.town.Ports.Member;
import java.util.List;
import java.util.Locale;

/** Who has accounts where, and how money is written. */
public final class Accounts {
  /** In cents, for everybody. */
  public static final long OPENING_BALANCE = 100_000;

  private static final List<String> AT_A = List.of("alice", "agnes", "anton", "arthur");
  private static final List<String> AT_B = List.of("bob", "bella", "bruno", "beth");

  private Accounts() {}

  public static List<String> at(Member bank) {
    return switch (bank) {
      case BANK_A -> AT_A;
      case BANK_B -> AT_B;
      case TRANSFERS, AUDIT -> List.of();
    };
  }

  public static long total() {
    return OPENING_BALANCE * (AT_A.size() + AT_B.size());
  }

  static String option(Member bank) {
    return String.join(",", at(bank).stream().map(name -> name + "=" + OPENING_BALANCE).toList());
  }

  /** Cents as {@code 12.50}. */
  public static String money(long cents) {
    return String.format(Locale.ROOT, "%,d.%02d", cents / 100, cents % 100);
  }
}
