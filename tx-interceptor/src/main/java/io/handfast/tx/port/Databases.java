package io.handfast.tx.port;

import io.handfast.tx.core.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The databases whose prepared transactions this sidecar completes, over connections of its own.
 * Called on the {@link EngineLoop}; never blocks; what a callback is told comes on any thread,
 * once. Nothing is retried here. Databases go by their names in the configuration.
 */
public interface Databases {

  /** How often a database is scanned where nothing else is said. */
  Duration DEFAULT_SCAN_INTERVAL = Duration.ofSeconds(10);

  /** Names of all that are configured. */
  Set<String> names();

  /**
   * The {@code system_identifier} of the server of that database and of its standbys; empty while
   * it is not known. From any thread, at once.
   */
  default String server(String database) {
    return "";
  }

  /** How often prepared transactions of a database are looked for that nobody here knows. */
  default Duration scanInterval(String database) {
    return DEFAULT_SCAN_INTERVAL;
  }

  /**
   * COMMIT PREPARED.
   *
   * @param globalIdPrefix of the prepared transaction, to the end, which costs one round trip, or
   *     as far as it is known: all that come before the decider, at least; exactly one matches
   * @param xid of the transaction, by which it is known what became of it if it is prepared no more
   */
  void commit(String database, String globalIdPrefix, long xid, Consumer<Completed> reply);

  /**
   * ROLLBACK PREPARED, as {@link #commit}; {@code xid} 0 where it is not known. Done is then also
   * that nothing is prepared: a PREPARE that is still under way is found by a later scan.
   */
  void rollback(String database, String globalIdPrefix, long xid, Consumer<Completed> reply);

  /**
   * What became of a transaction that nobody here knows: done if it ended by that outcome, failed
   * as long as it may be prepared. Ends nothing: whose outcome it carries out is not known (T20).
   */
  void became(
      String database, String globalIdPrefix, long xid, Outcome outcome, Consumer<Completed> reply);

  /**
   * All prepared transactions whose name is the mesh's and which this sidecar may complete, or the
   * oldest thousands of them.
   */
  void prepared(String database, Consumer<Scan> reply);

  /** Whether the database can prepare transactions at all. */
  void check(String database, Consumer<Readiness> reply);

  /** What came of a completion. */
  sealed interface Completed {

    /** It was done now, or {@code pg_xact_status} says that it was done before. */
    record Done() implements Completed {}

    /**
     * It is prepared no more, and what is known of it contradicts what was asked, or nothing is
     * known any more: for people.
     *
     * @param reason what was asked, and what {@code pg_xact_status} said
     */
    record Contradicted(String reason) implements Completed {}

    /** It cannot be done now: no connection, no privilege, an error; to be tried again. */
    record Failed(String reason) implements Completed {}
  }

  /** What is prepared. */
  sealed interface Scan {

    /**
     * As of one moment.
     *
     * @param prepared the oldest first
     * @param whole whether that is all there was; else what is not shown may be prepared
     */
    record Found(List<Prepared> prepared, boolean whole) implements Scan {
      public Found {
        prepared = List.copyOf(prepared);
      }
    }

    /** Nobody could say. */
    record Failed(String reason) implements Scan {}
  }

  /**
   * A prepared transaction.
   *
   * @param globalId its name
   * @param age since it was prepared, by the database's clock
   */
  record Prepared(String globalId, Duration age) {}

  /**
   * Whether a database can prepare.
   *
   * @param ready false also where nobody answers
   * @param reason what is wrong and what to set; empty if it is ready
   */
  record Readiness(boolean ready, String reason) {}
}
