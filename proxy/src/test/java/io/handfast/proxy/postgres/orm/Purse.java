package io.handfast.proxy.postgres.orm;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;

/** Money with an optimistic lock, whose key the database makes at INSERT. */
@Entity
@Table(name = "purse")
class Purse {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  private @Nullable Long id;

  @Version private long version;

  private long balance;

  protected Purse() {}

  Purse(long balance) {
    this.balance = balance;
  }

  @Nullable Long id() {
    return id;
  }

  long version() {
    return version;
  }

  long balance() {
    return balance;
  }

  void add(long amount) {
    balance += amount;
  }
}
