package io.handfast.benchmarks.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Sends requests over so many connections for so long, and prints one line of JSON:
 *
 * <pre>
 *   LoadMain port=18000 path=/ clients=64 seconds=5 [uncounted=1] [rate=3000] [bodies='{"id": "{n}"}']
 * </pre>
 *
 * <p>Without {@code rate} each client sends as soon as it has its answer. With it the requests of
 * all clients together are due at that many a second, evenly, and latency counts from when a
 * request was due: a late answer makes the next ones late as well (no coordinated omission). What
 * is due in the first {@code uncounted} seconds is sent and not counted. Bodies, one a line, are
 * taken in turn; {@code {n}} in them is a number that no other request of this run has.
 */
public final class LoadMain {
  private LoadMain() {}

  /**
   * What one client has seen.
   *
   * @param latencies of its requests, in nanoseconds
   */
  record Seen(LongStream latencies, Map<String, Integer> statuses, Map<String, Integer> outcomes) {}

  /** Runs once and ends. */
  public static void main(String[] args) throws InterruptedException, ExecutionException {
    Map<String, String> options = new HashMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(arg + " (expected: name=value)");
      }
      options.put(arg.substring(0, equals), arg.substring(equals + 1));
    }
    System.out.println(run(Plan.of(options)));
  }

  private static String run(Plan plan) throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(plan.clients())) {
      long start = System.nanoTime();
      double cpu = cpuSeconds();
      List<Callable<Seen>> clients = new ArrayList<>();
      for (int nth = 0; nth < plan.clients(); nth++) {
        clients.add(new Client(plan, nth, start));
      }
      List<Seen> seen = new ArrayList<>();
      for (Future<Seen> client : threads.invokeAll(clients)) {
        seen.add(client.get());
      }
      return json(seen, (System.nanoTime() - start) / 1e9, cpuSeconds() - cpu);
    }
  }

  /** User and system time of this process. */
  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  private static String json(List<Seen> seen, double seconds, double cpuSeconds) {
    long[] latencies = seen.stream().flatMapToLong(Seen::latencies).sorted().toArray();
    return "{\"requests\": %d, \"seconds\": %.3f, \"cpu_seconds\": %.2f, \"p50_us\": %d, \"p99_us\": %d, \"p999_us\": %d, "
            .formatted(
                latencies.length,
                seconds,
                cpuSeconds,
                quantile(latencies, 0.5),
                quantile(latencies, 0.99),
                quantile(latencies, 0.999))
        + "\"statuses\": %s, \"outcomes\": %s}"
            .formatted(
                counts(seen.stream().map(Seen::statuses).toList()),
                counts(seen.stream().map(Seen::outcomes).toList()));
  }

  private static long quantile(long[] sorted, double q) {
    return sorted.length == 0 ? 0 : sorted[(int) (q * (sorted.length - 1))] / 1_000;
  }

  private static String counts(List<Map<String, Integer>> parts) {
    Map<String, Integer> all = new TreeMap<>();
    parts.forEach(part -> part.forEach((name, count) -> all.merge(name, count, Integer::sum)));
    return all.entrySet().stream()
        .map(entry -> "\"%s\": %d".formatted(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
