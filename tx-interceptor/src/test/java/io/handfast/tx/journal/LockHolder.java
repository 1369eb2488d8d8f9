package io.handfast.tx.journal;

import static java.util.Objects.requireNonNull;

import io.handfast.tx.journal.disk.FileDisk;
import java.io.Closeable;
import java.nio.file.Path;

/** A process that holds the lock of a journal's directory until it is killed. */
final class LockHolder {

  private LockHolder() {}

  /** Takes the lock of the directory that the first argument names, says so, and waits. */
  public static void main(String[] args) throws Exception {
    Closeable lock = requireNonNull(new FileDisk(Path.of(args[0])).lock());
    System.out.println("locked");
    System.out.flush();
    int read = 0;
    while (read >= 0) {
      // Until the test that started this ends it.
      read = System.in.read();
    }
    lock.close();
  }
}
