package io.handfast.tx.engine;

import io.handfast.tx.core.StoreId;
import io.handfast.tx.engine.base.Backoff;
import io.handfast.tx.engine.base.DeciderCheck;
import io.handfast.tx.engine.base.Mailbox;
import io.handfast.tx.engine.base.PeerTurns;
import io.handfast.tx.engine.base.SharedAnswers;
import io.handfast.tx.engine.base.StoreIdentity;
import io.handfast.tx.engine.base.Turns;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.engine.observe.EngineMeters;
import io.handfast.tx.engine.observe.History;
import io.handfast.tx.engine.observe.SuccessPrediction;
import io.handfast.tx.port.Databases;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.LocalService;
import io.handfast.tx.port.Peers;
import java.util.random.RandomGenerator;

/**
 * What every machine's driver needs. Immutable; what it holds is confined to the engine's loop but
 * for the loop itself, the random generator and the meters.
 *
 * @param stores this sidecar's own store, the decider of what begins here, and former ones
 * @param databases in which blocks are prepared
 * @param kept branches that are over and not done with
 * @param blocks branches that are prepared in databases
 * @param databaseTurns of what is completed in each database
 * @param inquiries that wait for their turn
 * @param completions that are made for the first time, and wait for their turn
 * @param repeated completions, which keep no first one waiting
 * @param shared what the store says that it shares with others
 * @param random thread-safe
 */
record Wiring(
    EngineConfig config,
    StoreIdentity stores,
    EngineLoop loop,
    Mailbox mailbox,
    Peers peers,
    LocalService local,
    Databases databases,
    Writer writer,
    Tables tables,
    KeptEnds kept,
    Blocks blocks,
    PeerTurns databaseTurns,
    PeerTurns inquiries,
    Turns completions,
    Turns repeated,
    History history,
    EngineMeters meters,
    SuccessPrediction prediction,
    DeciderCheck deciders,
    Backoff backoff,
    SharedAnswers shared,
    RandomGenerator random) {

  /** Of this sidecar's own store. */
  StoreId storeId() {
    return stores.own();
  }

  /** Throws unless it runs on the loop. */
  void checkLoop() {
    if (!loop.inLoop()) {
      throw new IllegalStateException(
          "transaction state: touched from thread "
              + Thread.currentThread().getName()
              + " (expected: the engine's loop)");
    }
  }
}
