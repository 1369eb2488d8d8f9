package io.handfast.tx.grpc;

import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.Peers;
import java.util.ArrayList;
import java.util.List;

/**
 * Items for one peer that wait at the same moment and leave in one message. Nothing waits for
 * company: the message leaves when the loop's turn ends. Confined to the engine's loop.
 *
 * @param <I> item of a request
 * @param <R> result that answers it
 */
final class ItemBatch<I, R> {

  /** Sends one message of this kind. */
  interface Call<I, R> {
    void send(List<Waiting<I, R>> items);
  }

  /** An item and who waits for its result. */
  record Waiting<I, R>(I item, Peers.Reply<R> reply) {}

  private final EngineLoop loop;
  private final Call<I, R> call;
  private List<Waiting<I, R>> waiting = new ArrayList<>();

  ItemBatch(EngineLoop loop, Call<I, R> call) {
    this.loop = loop;
    this.call = call;
  }

  void add(I item, Peers.Reply<R> reply) {
    waiting.add(new Waiting<>(item, reply));
    if (waiting.size() == ControlLimits.MAX_ITEMS) {
      flush();
    } else if (waiting.size() == 1) {
      loop.execute(this::flush);
    }
  }

  private void flush() {
    if (!waiting.isEmpty()) {
      List<Waiting<I, R>> leaving = waiting;
      waiting = new ArrayList<>();
      call.send(leaving);
    }
  }
}
