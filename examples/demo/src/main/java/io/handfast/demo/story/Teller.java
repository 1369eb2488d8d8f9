package io.handfast.demo.story;

import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The client: asks for transfers and keeps what it was told. Thread-safe. */
final class Teller {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** An order and what became of it in the eyes of the client. */
  record Receipt(Order order, Told told) {}

  private final Town town;
  private final ConcurrentLinkedQueue<Receipt> receipts = new ConcurrentLinkedQueue<>();

  Teller(Town town) {
    this.town = town;
  }

  Told ask(Order order) throws InterruptedException {
    Told told = send(order);
    receipts.add(new Receipt(order, told));
    return told;
  }

  /** Asks over gRPC, once. */
  Told askByGrpc(Order order) {
    Told told = GrpcClient.ask(town.ports().inbound(Member.TRANSFERS), order);
    receipts.add(new Receipt(order, told));
    return told;
  }

  /** Every order that was ever sent. */
  List<Receipt> receipts() {
    return List.copyOf(receipts);
  }

  private Told send(Order order) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        int port = town.ports().inbound(Member.TRANSFERS);
        return Told.of(town.rest().send(port, "POST", "/transfers", order.json()));
      } catch (ConnectException e) {
        // Nobody listened, so nothing was sent: asking again is safe.
        if (System.nanoTime() >= deadline) {
          return Told.nothing("nobody listens");
        }
        Thread.sleep(PAUSE);
      } catch (IOException e) {
        return Told.nothing("the connection broke");
      }
    }
  }
}
