package io.handfast.tx.engine.base;

import java.util.HashMap;
import java.util.Map;

/**
 * {@link Turns} of each peer: one that is gone keeps nobody waiting who asks another. Confined to
 * the engine's loop.
 */
public final class PeerTurns {
  private final int atOnce;
  private final Map<String, Turns> peers = new HashMap<>();

  public PeerTurns(int atOnce) {
    this.atOnce = atOnce;
  }

  /** Asks now, or when it is its turn among those for the same peer. */
  public void ask(String authority, Turns.Question question) {
    Turns turns = peers.computeIfAbsent(authority, it -> new Turns(atOnce));
    turns.ask(done ->
        question.ask(() -> {
          done.run();
          if (turns.isIdle()) {
            peers.remove(authority, turns);
          }
        }));
  }
}
