package io.handfast.benchmarks.pg;

import io.handfast.benchmarks.tx.Caller;
import io.handfast.benchmarks.tx.ServiceMain;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * One of the three services, until it is killed:
 *
 * <pre>
 *   PgServiceMain port=18080 name=a sidecar-database=15433 database=15432
 *   PgServiceMain port=18080 name=front database=15432 sidecar=18001,18002 bare=18180,18280
 * </pre>
 */
public final class PgServiceMain {
  private static final List<String> LEDGERS = List.of("a", "b");

  private PgServiceMain() {}

  /** Runs until it is killed. */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = ServiceMain.options(args);
    String name = required(options, "name");
    int database = Integer.parseInt(required(options, "database"));
    List<Caller> ledgers = ServiceMain.callers(options, "bare");
    ServiceMain.serve(
        Map.of("port", required(options, "port")),
        ledgers.isEmpty()
            ? new Ledger(
                new Sessions(Integer.parseInt(required(options, "sidecar-database")), name),
                new Sessions(database, name))
            : new Teller(
                ServiceMain.callers(options, "sidecar"),
                ledgers,
                LEDGERS.stream().map(ledger -> new Sessions(database, ledger)).toList(),
                new Sessions(database, name)),
        Map.of());
  }

  private static String required(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + ": missing (expected: " + name + "=...)");
    }
    return value;
  }
}
