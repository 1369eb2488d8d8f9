package io.handfast.tx.journal;

import io.handfast.tx.journal.disk.Disk;

/** The contract on the fake disk. */
final class FakeDiskJournalTest extends JournalContract {

  private final FakeDisk disk = new FakeDisk();

  @Override
  Disk disk() {
    return disk;
  }

  @Override
  JournalOptions options() {
    return TestJournal.options();
  }
}
