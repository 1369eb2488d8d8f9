package io.handfast.proxy.transaction;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Peer;
import io.handfast.tx.port.Peers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The control services of a test, reached without a network. Thread-safe. */
final class Neighbours implements Peers {
  private static final Peer UNPROVED = new Peer.Unproved();

  private final Map<String, ControlHandler> handlers = new ConcurrentHashMap<>();

  /** Votes that went as messages. */
  final List<VoteItem> votes = new CopyOnWriteArrayList<>();

  void add(String authority, ControlHandler handler) {
    handlers.put(authority, handler);
  }

  /** Nobody answers there any more; null if nobody did. */
  @Nullable ControlHandler remove(String authority) {
    return handlers.remove(authority);
  }

  @Override
  public void outcome(String authority, OutcomeItem item, Reply<OutcomeResult> reply) {
    with(authority, reply, to -> to.onOutcome(to.self(), UNPROVED, item, reply::onResult));
  }

  @Override
  public void prepare(String authority, PrepareItem item, Reply<PrepareResult> reply) {
    with(authority, reply, to -> to.onPrepare(to.self(), UNPROVED, item, reply::onResult));
  }

  @Override
  public void terminate(String authority, TerminateItem item, Reply<TerminateResult> reply) {
    with(authority, reply, to -> to.onTerminate(to.self(), item, reply::onResult));
  }

  @Override
  public void inquire(String authority, InquireItem item, Reply<Inquired> reply) {
    with(
        authority,
        reply,
        to -> to.onInquire(to.self(), item, told -> reply.onResult(new Inquired(UNPROVED, told))));
  }

  @Override
  public void vote(String authority, VoteItem item, Reply<VoteResult> reply) {
    votes.add(item);
    with(authority, reply, to -> to.onVote(to.self(), UNPROVED, item, reply::onResult));
  }

  private void with(String authority, Reply<?> reply, Consumer<ControlHandler> call) {
    ControlHandler handler = handlers.get(authority);
    if (handler == null) {
      reply.onFailure("unavailable");
    } else {
      call.accept(handler);
    }
  }
}
