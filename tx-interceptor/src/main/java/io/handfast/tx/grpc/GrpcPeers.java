package io.handfast.tx.grpc;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.Peers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The control services of other sidecars, one connection each. Confined to the engine's loop, as
 * {@link Peers} says; replies come on the transport's event loops.
 */
public final class GrpcPeers implements Peers, AutoCloseable {
  /** Sidecars connected at the same time; the one not used for longest goes first. */
  private static final int MAX_PEERS = 1024;

  private static final long IDLE_MINUTES = 5;

  private final ControlTransport transport;
  private final EngineLoop loop;
  private final Supplier<Sender> self;
  private final Map<String, Peer> peers = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param self asked for each message
   */
  public GrpcPeers(ControlTransport transport, EngineLoop loop, Supplier<Sender> self) {
    this.transport = transport;
    this.loop = loop;
    this.self = self;
  }

  @Override
  public void outcome(String authority, OutcomeItem item, Reply<OutcomeResult> reply) {
    peer(authority).outcomes.add(item, reply);
  }

  @Override
  public void inquire(String authority, InquireItem item, Reply<InquireResult> reply) {
    peer(authority).inquiries.add(item, reply);
  }

  @Override
  public void vote(String authority, VoteItem item, Reply<VoteResult> reply) {
    peer(authority).votes.add(item, reply);
  }

  private Peer peer(String authority) {
    if (!loop.inLoop()) {
      throw new IllegalStateException("peers are spoken to on the engine's loop only");
    }
    Peer known = peers.get(authority);
    if (known != null) {
      if (known.channel.getState(false) != ConnectivityState.TRANSIENT_FAILURE) {
        return known;
      }
      // A channel in back-off fails every call at once, also when its peer is long back. The
      // engine's own back-off paces attempts; two would add up.
      known.channel.shutdown();
    }
    if (peers.size() >= MAX_PEERS) {
      var eldest = peers.entrySet().iterator();
      eldest.next().getValue().channel.shutdown(); // calls under way end as they would
      eldest.remove();
    }
    Peer fresh = new Peer(connect(authority), loop, self);
    peers.put(authority, fresh);
    return fresh;
  }

  private ManagedChannel connect(String authority) {
    return NettyChannelBuilder.forTarget("dns:///" + authority)
        .channelType(transport.client())
        .eventLoopGroup(transport.loops())
        .directExecutor() // replies are handed to the engine's loop by the engine
        .usePlaintext()
        .maxInboundMessageSize(ControlLimits.MAX_MESSAGE_BYTES)
        .idleTimeout(IDLE_MINUTES, TimeUnit.MINUTES)
        .keepAliveTime(30, TimeUnit.SECONDS)
        .disableRetry() // what is told again, and when, is the engine's
        .build();
  }

  /** Ends every connection; replies that still come say that there was none. Any thread. */
  @Override
  public void close() {
    loop.execute(() -> {
      peers.values().forEach(peer -> peer.channel.shutdownNow());
      peers.clear();
    });
  }

  /** One connection and what waits for it. */
  private static final class Peer {
    final ManagedChannel channel;
    final ItemBatch<OutcomeItem, OutcomeResult> outcomes;
    final ItemBatch<InquireItem, InquireResult> inquiries;
    final ItemBatch<VoteItem, VoteResult> votes;

    Peer(ManagedChannel channel, EngineLoop loop, Supplier<Sender> self) {
      this.channel = channel;
      this.outcomes = new ItemBatch<>(loop, new ControlCalls.Outcomes(channel, self));
      this.inquiries = new ItemBatch<>(loop, new ControlCalls.Inquiries(channel, self));
      this.votes = new ItemBatch<>(loop, new ControlCalls.Votes(channel, self));
    }
  }
}
