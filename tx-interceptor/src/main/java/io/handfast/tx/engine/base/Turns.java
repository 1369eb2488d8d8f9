package io.handfast.tx.engine.base;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Lets so many questions to one peer, or requests to the local service, be unanswered at a time;
 * the others wait, first come, first served. So a restart with thousands of branches in doubt asks
 * for them side by side, with a bound, in the order in which they were taken up; and a peer that is
 * gone keeps nobody else's branches waiting. Confined to the engine's loop.
 */
public final class Turns {

  /** Asks; {@code done} is run once, when it is answered or will not be. */
  public interface Question {
    void ask(Runnable done);
  }

  private static final class Peer {
    final ArrayDeque<Question> waiting = new ArrayDeque<>();
    int asked;
  }

  private final int atOnce;
  private final Map<String, Peer> peers = new HashMap<>();

  public Turns(int atOnce) {
    this.atOnce = atOnce;
  }

  /** Asks now, or when it is its turn. */
  public void ask(String authority, Question question) {
    Peer peer = peers.computeIfAbsent(authority, it -> new Peer());
    if (peer.asked < atOnce) {
      start(authority, peer, question);
    } else {
      peer.waiting.addLast(question);
    }
  }

  private void start(String authority, Peer peer, Question question) {
    peer.asked++;
    question.ask(() -> {
      peer.asked--;
      next(authority, peer);
    });
  }

  private void next(String authority, Peer peer) {
    while (peer.asked < atOnce && !peer.waiting.isEmpty()) {
      start(authority, peer, peer.waiting.removeFirst());
    }
    if (peer.asked == 0 && peer.waiting.isEmpty()) {
      peers.remove(authority, peer);
    }
  }
}
