package io.handfast.tx.explorer.block;

/**
 * How much may go wrong in one history.
 *
 * @param crashes deaths of a sidecar
 * @param drops messages that are lost
 * @param duplicates messages that come twice
 * @param sql connections to the database that are lost, statements that fail or whose answer is
 *     lost, deaths of the database
 * @param scans scans before nothing else can happen
 * @param early timers that run out while other things can happen
 */
public record BlockBounds(int crashes, int drops, int duplicates, int sql, int scans, int early) {
  static final BlockBounds CALM = new BlockBounds(0, 0, 0, 0, 0, -1);

  @Override
  public String toString() {
    if (early < 0) {
      return "no fault, no deadline passes";
    }
    return "%d crash, %d drop, %d duplicate, %d of the database, %d early scan, %d early timer"
        .formatted(crashes, drops, duplicates, sql, scans, early);
  }
}
