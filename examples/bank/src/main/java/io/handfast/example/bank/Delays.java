package io.handfast.example.bank;

import com.fasterxml.jackson.databind.JsonNode;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Call;
import io.handfast.example.bank.web.Problem;
import io.handfast.example.bank.web.Router;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Slowness on demand, as a team builds it in to rehearse failures: {@code PUT /admin/delays} sets
 * how many milliseconds a call waits at each of the service's points, 0 where it says nothing;
 * {@code GET} shows that and how many wait now. Thread-safe.
 */
public final class Delays {
  private static final long MAX_MS = 60_000;

  /** What {@code GET /admin/delays} shows. */
  record View(Map<String, Long> setting, int waiting) {}

  private final List<String> points;
  private final AtomicReference<Map<String, Long>> setting = new AtomicReference<>(Map.of());
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param points by which {@code PUT} names them
   */
  public Delays(String... points) {
    this.points = List.of(points);
  }

  public Router routes(Router router) {
    return router
        .on("GET", "/admin/delays", call -> Answer.ok(new View(setting.get(), waiting.get())))
        .on(
            "PUT",
            "/admin/delays",
            call -> {
              setting.set(read(call));
              return Answer.noContent();
            });
  }

  private Map<String, Long> read(Call call) {
    Map<String, Long> read = new LinkedHashMap<>();
    JsonNode body = call.json(JsonNode.class);
    if (!body.isObject()) {
      throw Problem.badRequest("body: not an object (expected: the names of points, with numbers)");
    }
    body.properties()
        .forEach(field -> {
          if (!points.contains(field.getKey())) {
            throw Problem.badRequest(
                field.getKey() + ": unknown (expected one of: " + String.join(", ", points) + ")");
          }
          JsonNode ms = field.getValue();
          if (!ms.isIntegralNumber() || ms.asLong() < 0 || ms.asLong() > MAX_MS) {
            throw Problem.badRequest(
                field.getKey() + ": " + ms + " (expected: 0 to " + MAX_MS + ")");
          }
          read.put(field.getKey(), ms.asLong());
        });
    return Map.copyOf(read);
  }

  /** Waits as long as is set for a point. */
  public void hold(String point) throws InterruptedException {
    long ms = setting.get().getOrDefault(point, 0L);
    if (ms == 0) {
      return;
    }
    waiting.incrementAndGet();
    try {
      Thread.sleep(ms);
    } finally {
      waiting.decrementAndGet();
    }
  }
}
