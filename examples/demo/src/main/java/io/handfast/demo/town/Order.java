package io.handfast.demo.town;

import io.handfast.demo.town.Ports.Member;

/** A transfer that a client asks for; {@code amount} in cents. */
public record Order(String id, Place from, Place to, long amount) {

  /** An account at a bank. */
  public record Place(Member bank, String account) {
    @Override
    public String toString() {
      return bank.title + "/" + account;
    }
  }

  public static Order fromAliceToBob(String id, long amount) {
    return new Order(
        id, new Place(Member.BANK_A, "alice"), new Place(Member.BANK_B, "bob"), amount);
  }

  public String json() {
    return "{\"id\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"amount\":%d}"
        .formatted(id, from, to, amount);
  }

  public String debitKey() {
    return id + "-debit";
  }

  public String creditKey() {
    return id + "-credit";
  }
}
