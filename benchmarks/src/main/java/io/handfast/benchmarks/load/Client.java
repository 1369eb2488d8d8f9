package io.handfast.benchmarks.load;

import io.handfast.benchmarks.load.LoadMain.Seen;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One connection, one request after the other. Confined to the thread that calls it. */
final class Client implements Callable<Seen> {
  private final Plan plan;
  private final int nth;
  private final long startNanos;
  private final Map<String, Integer> statuses = new HashMap<>();
  private final Map<String, Integer> outcomes = new HashMap<>();
  private long[] latencies = new long[4096];
  private int sent;
  private int noted;

  Client(Plan plan, int nth, long startNanos) {
    this.plan = plan;
    this.nth = nth;
    this.startNanos = startNanos;
  }

  @Override
  public Seen call() throws IOException {
    long end = startNanos + (long) (plan.seconds() * TimeUnit.SECONDS.toNanos(1));
    long counted = startNanos + (long) (plan.uncounted() * TimeUnit.SECONDS.toNanos(1));
    byte[] fixed = plan.bodies().isEmpty() ? plan.request(0) : new byte[0];
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), plan.port())) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (long due = due(); due < end; due = due()) {
        awaitTime(due);
        byte[] request = fixed.length > 0 ? fixed : plan.request(number());
        socket.getOutputStream().write(request);
        String head = Wire.readHead(in);
        if (head == null) {
          throw new IOException("the connection was closed without an answer");
        }
        Wire.skipBody(head, in);
        sent++;
        if (due >= counted) {
          note(head, System.nanoTime() - due);
        }
      }
    }
    return new Seen(Arrays.stream(latencies, 0, noted), statuses, outcomes);
  }

  /** Clients take turns: each is due once in as many intervals as there are clients. */
  private long due() {
    return plan.rate() == 0
        ? System.nanoTime()
        : startNanos + (long) (number() * (TimeUnit.SECONDS.toNanos(1) / plan.rate()));
  }

  private long number() {
    return (long) sent * plan.clients() + nth;
  }

  private static void awaitTime(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void note(String head, long latency) throws IOException {
    if (noted == latencies.length) {
      latencies = Arrays.copyOf(latencies, 2 * noted);
    }
    latencies[noted++] = latency;
    statuses.merge(String.valueOf(Wire.status(head)), 1, Integer::sum);
    String outcome = plan.bodies().isEmpty() ? null : Wire.field(head, "tx-outcome");
    if (outcome != null) {
      outcomes.merge(outcome, 1, Integer::sum);
    }
  }
}
