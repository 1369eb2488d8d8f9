package io.handfast.proxy.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * Clients that place orders, one after the other each, and remember what they were told. Who is
 * told nothing waits while the front is {@link #away}. Thread-safe.
 */
final class StormClients implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 90;
  private static final long BACK_OFF_MS = 50;

  /** One in so many orders fails at the front, and as many at the back. */
  private static final int FAIL_ONE_IN = 8;

  /** What a client asked for, and what it was told. */
  record Receipt(Order order, Told told) {}

  private final Town town;
  private final ConcurrentLinkedQueue<Receipt> receipts = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private boolean away;
  private boolean over;
  private int commits;

  StormClients(Town town, long seed, int count) {
    this.town = town;
    for (int nth = 0; nth < count; nth++) {
      String name = "client-" + nth;
      Random dice = new Random(seed + nth);
      threads.add(Thread.ofVirtual().name(name).unstarted(() -> work(name, dice)));
    }
  }

  void start() {
    threads.forEach(Thread::start);
  }

  private void work(String name, Random dice) {
    try {
      for (int n = 1; goesOn(); n++) {
        Order order = draw(name + "-" + n, dice);
        Told told = town.place(order);
        receipts.add(new Receipt(order, told));
        heard(told);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Order draw(String key, Random dice) {
    // The side takes seats: each order takes some there, and something else at the back.
    Order.Kind kind = dice.nextBoolean() ? Order.Kind.RESERVATIONS : Order.Kind.TICKETS;
    Order order = Order.of(key, kind);
    return switch (dice.nextInt(FAIL_ONE_IN)) {
      case 0 -> order.withFront(Order.Conduct.FAIL);
      case 1 -> order.withBack(Order.Conduct.FAIL);
      default -> order;
    };
  }

  private synchronized boolean goesOn() {
    return !over;
  }

  private synchronized void heard(Told told) throws InterruptedException {
    if (told.committed()) {
      commits++;
      notifyAll();
    }
    while (told.status() < 0 && away && !over) {
      wait();
    }
    if (told.status() >= 502) { // refused, or somebody is away: it backs off, as clients do
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BACK_OFF_MS);
      for (long left = BACK_OFF_MS; left > 0 && !over; left = millisUntil(end)) {
        wait(left);
      }
    }
  }

  private static long millisUntil(long end) {
    return TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
  }

  /** The front is gone, and nobody listens. */
  synchronized void away() {
    away = true;
  }

  /** The front is there again. */
  synchronized void back() {
    away = false;
    notifyAll();
  }

  /** Returns when so many more orders have been told committed: the town serves its clients. */
  synchronized void awaitCommits(int more) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    int enough = commits + more;
    while (commits < enough) {
      long left = millisUntil(end);
      if (left <= 0) {
        throw new AssertionError(
            "%d of %d orders were told committed in %d s\n%s"
                .formatted(more - (enough - commits), more, PATIENCE_SECONDS, town.lastWords()));
      }
      wait(left);
    }
  }

  /** Returns when each has been told the last, or nothing. */
  List<Receipt> stop() throws InterruptedException {
    close();
    for (Thread thread : threads) {
      thread.join();
    }
    return List.copyOf(receipts);
  }

  @Override
  public synchronized void close() {
    over = true;
    notifyAll();
  }
}
