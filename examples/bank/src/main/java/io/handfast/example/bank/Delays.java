package io.handfast.example.bank;

import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Problem;
import io.handfast.example.bank.web.Router;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Slowness on demand, as a team builds it in to rehearse failures: {@code PUT /admin/delays} sets
 * how long a call waits before or after its work, {@code GET} shows that and how many wait now.
 * Thread-safe.
 */
final class Delays {

  /** Milliseconds each. */
  record Setting(
      long reserveBeforeMs, long reserveAfterMs, long confirmBeforeMs, long cancelBeforeMs) {

    static final Setting NONE = new Setting(0, 0, 0, 0);
    private static final long MAX_MS = 60_000;

    Setting {
      check("reserveBeforeMs", reserveBeforeMs);
      check("reserveAfterMs", reserveAfterMs);
      check("confirmBeforeMs", confirmBeforeMs);
      check("cancelBeforeMs", cancelBeforeMs);
    }

    private static void check(String field, long ms) {
      if (ms < 0 || ms > MAX_MS) {
        throw Problem.badRequest(field + ": " + ms + " (expected: 0 to " + MAX_MS + ")");
      }
    }
  }

  /** What {@code GET /admin/delays} shows. */
  record View(Setting setting, int waiting) {}

  private final AtomicReference<Setting> setting = new AtomicReference<>(Setting.NONE);
  private final AtomicInteger waiting = new AtomicInteger();

  Router routes(Router router) {
    return router
        .on("GET", "/admin/delays", call -> Answer.ok(new View(setting.get(), waiting.get())))
        .on(
            "PUT",
            "/admin/delays",
            call -> {
              setting.set(call.json(Setting.class));
              return Answer.noContent();
            });
  }

  void beforeReserve() throws InterruptedException {
    hold(setting.get().reserveBeforeMs());
  }

  void afterReserve() throws InterruptedException {
    hold(setting.get().reserveAfterMs());
  }

  void beforeConfirm() throws InterruptedException {
    hold(setting.get().confirmBeforeMs());
  }

  void beforeCancel() throws InterruptedException {
    hold(setting.get().cancelBeforeMs());
  }

  private void hold(long ms) throws InterruptedException {
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
