package io.handfast.tx.postgres;

import java.time.Duration;

/**
 * How long is waited for what. Immutable.
 *
 * @param connect for TCP and TLS to one server; whole seconds, as pgjdbc has it
 * @param answer for the answer to one statement, whole seconds: longer than a commit waits for a
 *     standby that is well, and short enough that a silent server is noticed
 * @param free for a connection while all are in use
 * @param idle after which a connection that nobody used is closed: longer than the usual time
 *     between two scans, for opening one costs the server a process
 * @param close for what runs when all is closed
 */
record Times(Duration connect, Duration answer, Duration free, Duration idle, Duration close) {
  static final Times USUAL =
      new Times(
          Duration.ofSeconds(3),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5));
}
