package io.handfast.example.bank;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * An account, in cents.
 *
 * @param balance the money that is in it
 * @param reserved what of it is promised away and not yet gone
 */
record Account(String id, long balance, long reserved) {

  /** What may still be spent. */
  @JsonProperty
  long available() {
    return balance - reserved;
  }
}
