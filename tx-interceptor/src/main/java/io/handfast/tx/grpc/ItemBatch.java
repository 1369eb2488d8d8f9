package io.handfast.tx.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.Peers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Items for one peer that wait at the same moment and leave in one message. Nothing waits for
 * company: a message leaves when the loop's turn ends. Only where {@link
 * ControlLimits#MAX_UNANSWERED} messages of the kind are unanswered do items gather until one is,
 * so that a peer that is slow gets fewer and fuller messages. Confined to the engine's loop.
 *
 * @param <I> item of a request
 * @param <R> result that answers it
 */
final class ItemBatch<I extends MessageLite, R> {

  /** Sends one message of this kind. */
  interface Call<I, R> {
    /**
     * Sends.
     *
     * @param over told once, on any thread, after every item has its reply
     */
    void send(List<Waiting<I, R>> items, Consumer<Status> over);
  }

  /** An item and who waits for its result. */
  record Waiting<I, R>(I item, Peers.Reply<R> reply) {}

  private final EngineLoop loop;
  private final Call<I, R> call;
  private final ControlMeters.Of meters;
  private final Runnable silent;
  private final ArrayDeque<Waiting<I, R>> waiting = new ArrayDeque<>();
  private int unanswered;
  private boolean leaving;

  /**
   * @param silent told when a message was not answered in time: a peer that lives answers each
   */
  ItemBatch(EngineLoop loop, Call<I, R> call, ControlMeters.Of meters, Runnable silent) {
    this.loop = loop;
    this.call = call;
    this.meters = meters;
    this.silent = silent;
  }

  void add(I item, Peers.Reply<R> reply) {
    if (waiting.size() >= ControlLimits.MAX_WAITING) {
      reply.onFailure(
          "more than " + ControlLimits.MAX_WAITING + " items wait for the peer (expected: fewer)");
      return;
    }
    waiting.add(new Waiting<>(item, reply));
    if (!leaving) {
      leaving = true;
      loop.execute(this::flush);
    }
  }

  private void flush() {
    leaving = false;
    while (!waiting.isEmpty() && unanswered < ControlLimits.MAX_UNANSWERED) {
      List<Waiting<I, R>> batch = next();
      unanswered++;
      meters.sent(batch.size());
      call.send(batch, status -> loop.execute(() -> over(status)));
    }
  }

  /** At least one, and no more than one message may hold. */
  private List<Waiting<I, R>> next() {
    List<Waiting<I, R>> batch = new ArrayList<>();
    long bytes = 0;
    for (Waiting<I, R> first = waiting.peek();
        first != null && batch.size() < ControlLimits.MAX_ITEMS;
        first = waiting.peek()) {
      bytes += first.item().getSerializedSize();
      if (bytes > ControlLimits.MAX_BATCH_BYTES && !batch.isEmpty()) {
        break;
      }
      batch.add(waiting.remove());
    }
    return batch;
  }

  private void over(Status status) {
    unanswered--;
    if (!status.isOk()) {
      meters.unanswered();
    }
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
      silent.run();
    }
    if (!leaving) {
      flush();
    }
  }
}
