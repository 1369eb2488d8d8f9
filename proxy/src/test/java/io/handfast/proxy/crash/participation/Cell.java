package io.handfast.proxy.crash.participation;

import io.handfast.proxy.crash.Told;
import io.handfast.proxy.crash.participation.Fault.At;
import io.handfast.proxy.crash.participation.Fault.Deed;
import io.handfast.proxy.crash.participation.Fault.Dies;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A column's transaction meets a row's fault.
 *
 * @param end what has to come of it
 */
record Cell(Column column, Fault fault, End end) {
  /** What comes of a transaction, and what its client is told. */
  enum End {
    COMMITS,
    ABORTS,
    /** And the client is told 504. */
    EXPIRES,
    /** The coordinator dies, and the client's connection with it. */
    COMMITS_UNHEARD,
    ABORTS_UNHEARD,
    /** The coordinator dies while the answer is on its way: it may be heard, or not. */
    COMMITS_PERHAPS,
    ABORTS_PERHAPS,
    /** All or nothing. */
    EITHER;

    /** Whether it has to be there; empty if either will do. */
    Optional<Boolean> commits() {
      return switch (this) {
        case COMMITS, COMMITS_UNHEARD, COMMITS_PERHAPS -> Optional.of(true);
        case ABORTS, EXPIRES, ABORTS_UNHEARD, ABORTS_PERHAPS -> Optional.of(false);
        case EITHER -> Optional.empty();
      };
    }

    /** Whether a client may be told this. */
    boolean allows(Told told) {
      return switch (this) {
        case COMMITS -> told.committed();
        case ABORTS -> told.aborted() && !told.committed();
        case EXPIRES -> told.aborted() && told.status() == 504;
        case COMMITS_UNHEARD, ABORTS_UNHEARD -> told.status() == -1;
        case COMMITS_PERHAPS -> told.committed() || told.status() == -1;
        case ABORTS_PERHAPS -> told.aborted() || told.status() == -1;
        case EITHER -> true;
      };
    }
  }

  /** Whether the transaction has little time. */
  boolean isHasty() {
    return fault instanceof At at && at.deed() == Deed.TIME_PASSES;
  }

  /** The same, of a client that waits as long as those need who have just been started. */
  String patientRequest(String key) {
    return request("/patient", key);
  }

  /** Path and query of the client's request. */
  String request(String key) {
    return request(isHasty() ? "/hasty" : "", key);
  }

  private String request(String prefix, String key) {
    Map<String, String> query = new TreeMap<>(Map.of("at", "none"));
    query.putAll(fault.query());
    query.put("key", key);
    boolean records = fault instanceof Dies dies && dies.records();
    String calls = column.calls();
    query.put("calls", records ? calls.replace(Mode.CALLBACK.name(), Mode.RECORDED.name()) : calls);
    return prefix + column.front().orders() + "?" + Ask.encode(query);
  }

  @Override
  public String toString() {
    return column + ", " + fault + ": " + end;
  }
}
