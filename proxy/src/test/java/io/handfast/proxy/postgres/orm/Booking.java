package io.handfast.proxy.postgres.orm;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** What is written many at a time: its keys come from a sequence, fifty at once. */
@Entity
@Table(name = "booking")
class Booking {
  @Id
  @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "booking")
  @SequenceGenerator(name = "booking", sequenceName = "booking_seq", allocationSize = 50)
  private @Nullable Long id;

  private String note = "";

  protected Booking() {}

  Booking(String note) {
    this.note = note;
  }

  @Nullable Long id() {
    return id;
  }

  String note() {
    return note;
  }
}
