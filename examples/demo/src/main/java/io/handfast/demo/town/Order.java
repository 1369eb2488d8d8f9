package io.handfast.demo;

import io.handfast.demo.Ports.Member;

/** A transfer that a client asks for; {@code amount} in cents. */
record Order(String id, Place from, Place to, long amount) {

  /** An account at a bank. */
  record Place(Member bank, String account) {
    @Override
    public String toString() {
      return bank.title + "/" + account;
    }
  }

  static Order fromAliceToBob(String id, long amount) {
    return new Order(
        id, new Place(Member.BANK_A, "alice"), new Place(Member.BANK_B, "bob"), amount);
  }

  String json() {
    return "{\"id\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"amount\":%d}"
        .formatted(id, from, to, amount);
  }

  String debitKey() {
    return id + "-debit";
  }

  String creditKey() {
    return id + "-credit";
  }
}
