package io.handfast.benchmarks.tx;

import java.util.concurrent.atomic.AtomicLong;

/** A service that is tried, confirmed and cancelled, and counts how often. Thread-safe. */
public final class Participant implements Handler {
  private final AtomicLong tried = new AtomicLong();
  private final AtomicLong confirmed = new AtomicLong();
  private final AtomicLong cancelled = new AtomicLong();

  @Override
  public Answer serve(Request request) {
    String path = request.path();
    if (path.startsWith("/try")) {
      tried.incrementAndGet();
    } else if (path.startsWith("/confirm")) {
      confirmed.incrementAndGet();
    } else if (path.startsWith("/cancel")) {
      cancelled.incrementAndGet();
    } else if (path.startsWith("/counts")) {
      return new Answer(
          200,
          "{\"tried\": %d, \"confirmed\": %d, \"cancelled\": %d}"
              .formatted(tried.get(), confirmed.get(), cancelled.get()));
    } else if (!path.startsWith("/plain")) {
      return new Answer(404, "{}");
    }
    return Answer.OK;
  }
}
