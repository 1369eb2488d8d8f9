package io.handfast.tx.explorer.block;

import io.handfast.tx.explorer.search.Fingerprint;

/**
 * A block of SQL: its transaction in the database, and the connection on which its service works.
 * Changed only while a move is made.
 */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class Sql {
  /** What the database knows of it. */
  enum Status {
    NONE,
    IN_PROGRESS,
    PREPARED,
    COMMITTED,
    ROLLED_BACK
  }

  /** Where its sidecar stands. */
  enum Stage {
    NONE,
    OPEN,
    /** COMMIT has come, and PREPARE has not been sent. */
    ASKED,
    PREPARING,
    /** It is prepared, and the answer is on its way. */
    ANSWERED,
    OVER
  }

  Status status = Status.NONE;
  Stage stage = Stage.NONE;

  /** PREPARE is on its way on a connection that is lost. */
  boolean adrift;

  /** Its service's branch has aborted. */
  boolean doomed;

  /** Its service has asked for COMMIT. */
  boolean asked;

  Sql copy() {
    Sql copy = new Sql();
    copy.status = status;
    copy.stage = stage;
    copy.adrift = adrift;
    copy.doomed = doomed;
    copy.asked = asked;
    return copy;
  }

  void describe(Fingerprint into) {
    into.add(
        status.ordinal() << 16
            | stage.ordinal() << 8
            | (adrift ? 1 : 0)
            | (doomed ? 2 : 0)
            | (asked ? 4 : 0));
  }

  boolean isOpen() {
    return switch (stage) {
      case OPEN, ASKED, PREPARING, ANSWERED -> true;
      case NONE, OVER -> false;
    };
  }

  void rollBack() {
    if (status == Status.NONE || status == Status.IN_PROGRESS) {
      status = Status.ROLLED_BACK;
    }
  }
}
