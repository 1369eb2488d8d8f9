package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.proxy.postgres.PostgresMesh.Member;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * pgjdbc's own tests: without a sidecar, through one, and through one at which a transaction is in
 * flight all the time, so that every statement is looked at. What passes without must pass with;
 * {@code proxy/proofs/pgjdbc} fetches and compiles them. Results that are whole are not asked for
 * again.
 */
@Tag("full")
final class PgjdbcSuiteIT {
  private static final Path TABLE = Path.of("target/pgjdbc.md");
  private static final int TIMEOUT_MINUTES = 20;

  private static final String ALL = ".*Tests?";

  /** Names of the classes that are run. */
  private static final String CLASSES = System.getProperty("handfast.pgjdbc-classes", ALL);

  /** So many of all pass without a sidecar, at least. */
  private static final int PASS_WITHOUT = 9_200;

  /** The last line of results that are whole. */
  private static final String END = "END";

  private static final String ACCESS =
      """
      local all all trust
      host all postgres all trust
      host replication all all trust
      host all all all md5
      """;

  @TempDir private Path directory;

  /** What became of a case. */
  private record Result(String outcome, String why) {}

  @Test
  void shouldPassThroughASidecarWhatPassesWithout() throws Exception {
    // Given
    Path tools = tools();
    Map<String, Map<String, Result>> ways = new LinkedHashMap<>();
    try (PostgresServer server = PostgresServer.start(64);
        PostgresMesh mesh = new PostgresMesh(server, directory)) {
      CountDownLatch tested = new CountDownLatch(1);
      CountDownLatch asked = new CountDownLatch(1);
      Member member =
          mesh.add(
              "front",
              "boundary: { timeout: 3600s }, participant: { database: {} }",
              "",
              call -> {
                asked.countDown();
                tested.await();
                return "";
              });
      prepare(server);

      // When
      ways.put("without a sidecar", run(tools, server, server.port(), "without"));
      ways.put("through one", run(tools, server, member.databasePort(), "through"));
      FutureTask<HttpResponse<String>> request =
          new FutureTask<>((Callable<HttpResponse<String>>) () -> mesh.send("POST"));
      Thread.startVirtualThread(request);
      asked.await();
      ways.put(
          "through one, a transaction in flight",
          run(tools, server, member.databasePort(), "in-flight"));
      tested.countDown();

      // Then
      assertThat(request.get().headers().firstValue("tx-outcome")).hasValue("committed");
    }
    Map<String, String> differences = differences(ways);
    write(ways, differences);
    assertThat(ways.values().iterator().next().values())
        .filteredOn(result -> result.outcome().equals("pass"))
        .hasSizeGreaterThanOrEqualTo(CLASSES.equals(ALL) ? PASS_WITHOUT : 1);
    assertThat(differences).isEmpty();
  }

  private static Path tools() {
    String named = System.getProperty("handfast.pgjdbc-tests", "");
    Path tools = Path.of(named.isEmpty() ? "none" : named);
    assumeTrue(
        Files.isDirectory(tools.resolve("runner")),
        "pgjdbc's own tests: not here (proxy/proofs/pgjdbc fetches them)");
    return tools;
  }

  /** As pgjdbc's own build has its server: no TLS, passwords but for the superuser. */
  private static void prepare(PostgresServer server) throws IOException {
    Path access = Path.of(server.query("postgres", "SHOW hba_file").getFirst());
    Files.writeString(access, ACCESS);
    server.execute(
        "postgres",
        "CREATE ROLE test LOGIN PASSWORD 'test'",
        "ALTER SYSTEM SET ssl = off",
        "SELECT pg_reload_conf()");
    await().until(() -> server.query("postgres", "SHOW ssl").getFirst().equals("off"));
  }

  private static Map<String, Result> run(Path tools, PostgresServer server, int port, String way)
      throws Exception {
    Path cases = Path.of("target", "pgjdbc-" + way + ".txt").toAbsolutePath();
    if (!whole(cases)) {
      run(tools, server, port, way, cases);
      assertThat(whole(cases)).as("%s: target/pgjdbc-%s.log", way, way).isTrue();
    }
    Map<String, Result> results = new TreeMap<>();
    for (String line : Files.readAllLines(cases)) {
      if (!line.equals(END)) {
        String[] words = line.split("[ \t]", 4);
        results.put(words[2], new Result(words[1], words[3]));
      }
    }
    return results;
  }

  private static boolean whole(Path cases) throws IOException {
    return Files.exists(cases) && Files.readAllLines(cases).contains(END);
  }

  private static void run(Path tools, PostgresServer server, int port, String way, Path cases)
      throws Exception {
    server.execute(
        "postgres",
        "DROP DATABASE IF EXISTS test WITH (FORCE)",
        "CREATE DATABASE test OWNER test TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'");
    Path sources = tools.resolve("src");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-Dbuild.properties.relative.path=.",
                "-Dtest.url.PGHOST=localhost",
                "-Dtest.url.PGPORT=" + port,
                "-cp",
                tools.resolve("runner")
                    + ":target/test-classes:target/classes:"
                    + tools.resolve("lib")
                    + "/*",
                "PgjdbcTests",
                "target/test-classes",
                cases.toString(),
                CLASSES)
            .directory(sources.toFile())
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "pgjdbc-" + way + ".log").toFile())
            .start();
    boolean ended = process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES);
    process.destroyForcibly().waitFor();
    assertThat(ended).as("%s: target/pgjdbc-%s.log", way, way).isTrue();
  }

  /** What passes without and does not with, or is not there, and what is said of it. */
  private static Map<String, String> differences(Map<String, Map<String, Result>> ways) {
    List<Map<String, Result>> results = new ArrayList<>(ways.values());
    List<String> names = new ArrayList<>(ways.keySet());
    Map<String, String> differences = new TreeMap<>();
    results
        .getFirst()
        .forEach((name, without) -> {
          for (int way = 1; way < results.size(); way++) {
            Result with = results.get(way).getOrDefault(name, new Result("missing", ""));
            if (!with.outcome().equals(without.outcome())) {
              differences.merge(
                  name,
                  names.get(way) + ": " + with.outcome() + " " + with.why(),
                  (one, other) -> one + "; " + other);
            }
          }
        });
    return differences;
  }

  private static void write(Map<String, Map<String, Result>> ways, Map<String, String> differences)
      throws IOException {
    StringBuilder table = new StringBuilder("| | passed | failed | skipped |\n|---|---|---|---|\n");
    ways.forEach((way, results) ->
        table.append(
            "| %s | %d | %d | %d |\n"
                .formatted(
                    way, count(results, "pass"), count(results, "fail"), count(results, "skip"))));
    differences.forEach((name, what) -> table.append("\nDifferent: `" + name + "`: " + what));
    ways.values()
        .iterator()
        .next()
        .forEach((name, result) -> {
          if (result.outcome().equals("fail")) {
            table.append("\nFails without: `" + name + "`: " + result.why());
          }
        });
    Files.writeString(TABLE, table.append('\n'));
  }

  private static long count(Map<String, Result> results, String outcome) {
    return results.values().stream().filter(each -> each.outcome().equals(outcome)).count();
  }
}
