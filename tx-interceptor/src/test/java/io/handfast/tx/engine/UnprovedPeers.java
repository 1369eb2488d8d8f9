package io.handfast.tx.engine;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Peer;
import io.handfast.tx.port.Peers;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The control services of others, reached without certificates and without a network. */
abstract class UnprovedPeers implements Peers {

  /**
   * How one message travels.
   *
   * @param deliver hands it to whom it is for
   */
  abstract <T> void send(
      String authority, Reply<T> reply, BiConsumer<ControlHandler, Consumer<T>> deliver);

  /** As whom it asks. */
  Sender sender(ControlHandler to) {
    return to.self();
  }

  @Override
  public void outcome(String authority, OutcomeItem item, Reply<OutcomeResult> reply) {
    send(authority, reply, (to, done) -> to.onOutcome(to.self(), new Peer.Unproved(), item, done));
  }

  @Override
  public void prepare(String authority, PrepareItem item, Reply<PrepareResult> reply) {
    send(authority, reply, (to, done) -> to.onPrepare(to.self(), new Peer.Unproved(), item, done));
  }

  @Override
  public void terminate(String authority, TerminateItem item, Reply<TerminateResult> reply) {
    send(authority, reply, (to, done) -> to.onTerminate(to.self(), item, done));
  }

  @Override
  public void inquire(String authority, InquireItem item, Reply<Inquired> reply) {
    send(
        authority,
        reply,
        (to, done) ->
            to.onInquire(
                sender(to), item, told -> done.accept(new Inquired(new Peer.Unproved(), told))));
  }

  @Override
  public void vote(String authority, VoteItem item, Reply<VoteResult> reply) {
    send(authority, reply, (to, done) -> to.onVote(to.self(), new Peer.Unproved(), item, done));
  }
}
