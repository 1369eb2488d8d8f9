package io.handfast.tx.journal;

import java.io.IOException;

/**
 * Why a journal stopped for good. Immutable.
 *
 * @param operation what was tried, such as {@code force}
 * @param file what it was tried on
 * @param cause what the disk said
 */
public record JournalFailure(String operation, String file, IOException cause) {

  /** A sentence for people: what failed, and what to do. */
  public String reason() {
    return "journal: %s of %s failed: %s (the journal has stopped for good; check the disk, then"
            .formatted(operation, file, cause.getMessage())
        + " restart, which reads back what is durable)";
  }
}
