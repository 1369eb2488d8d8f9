package io.handfast.proxy.xds;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.assertj.core.util.Throwables;

/** Clients that ask one request after the other until they are stopped, and count. */
final class Load implements AutoCloseable {
  private final AtomicLong succeeded = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final List<Thread> clients = new ArrayList<>();
  private volatile boolean stopped;

  /** One more client: an answer that does not begin with 200 is a failure. */
  void client(Supplier<String> request) {
    clients.add(
        Thread.ofVirtual()
            .start(() -> {
              while (!stopped) {
                ask(request);
              }
            }));
  }

  private void ask(Supplier<String> request) {
    try {
      String answer = request.get();
      if (answer.startsWith("200")) {
        succeeded.incrementAndGet();
      } else {
        failures.add(answer);
      }
    } catch (RuntimeException e) {
      failures.add(Throwables.getStackTrace(e));
    }
  }

  long succeeded() {
    return succeeded.get();
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Ends when the last answer is there. */
  @Override
  public void close() {
    stopped = true;
    for (Thread client : clients) {
      try {
        client.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
