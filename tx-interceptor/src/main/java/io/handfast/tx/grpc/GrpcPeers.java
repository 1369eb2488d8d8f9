package io.handfast.tx.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
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
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.Peers;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control services of other sidecars, one connection each. Confined to the engine's loop, as
 * {@link Peers} says; replies come on the transport's event loops.
 */
public final class GrpcPeers implements Peers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcPeers.class);

  /** Sidecars connected at the same time; the one not used for longest goes first. */
  private static final int MAX_PEERS = 1024;

  private static final long IDLE_MINUTES = 5;

  /** How long {@link #close} waits for connections to end. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final ControlTransport transport;
  private final EngineLoop loop;
  private final Supplier<Sender> self;
  private final ControlMeters meters;
  private final Map<String, Peer> peers = new LinkedHashMap<>(16, 0.75f, true);

  /** Those that end by themselves when their last call has. */
  private final List<ManagedChannel> retired = new ArrayList<>();

  /** Written on the loop. */
  private volatile boolean closed;

  /**
   * @param self asked for each message
   * @param registry counts messages
   */
  public GrpcPeers(
      ControlTransport transport, EngineLoop loop, Supplier<Sender> self, MeterRegistry registry) {
    this.transport = transport;
    this.loop = loop;
    this.self = self;
    this.meters = new ControlMeters(registry);
  }

  @Override
  public void outcome(String authority, OutcomeItem item, Reply<OutcomeResult> reply) {
    if (isOpen(reply)) {
      peer(authority).outcomes.add(item, reply);
    }
  }

  @Override
  public void prepare(String authority, PrepareItem item, Reply<PrepareResult> reply) {
    if (isOpen(reply)) {
      peer(authority).prepares.add(item, reply);
    }
  }

  @Override
  public void terminate(String authority, TerminateItem item, Reply<TerminateResult> reply) {
    if (!closed) {
      peer(authority).terminations.add(item, whileOpen(reply));
    }
  }

  @Override
  public void inquire(String authority, InquireItem item, Reply<Inquired> reply) {
    if (!closed) {
      peer(authority).inquiries.add(item, whileOpen(reply));
    }
  }

  @Override
  public void vote(String authority, VoteItem item, Reply<VoteResult> reply) {
    if (isOpen(reply)) {
      peer(authority).votes.add(item, reply);
    }
  }

  /** Who is silent may be taken for dead: this sidecar's own end is not the others' silence. */
  private <T> Reply<T> whileOpen(Reply<T> reply) {
    return new Reply<>() {
      @Override
      public void onResult(T result) {
        reply.onResult(result);
      }

      @Override
      public void onFailure(String reason) {
        if (!closed) {
          reply.onFailure(reason);
        }
      }
    };
  }

  private boolean isOpen(Reply<?> reply) {
    if (closed) {
      reply.onFailure("this sidecar closes");
    }
    return !closed;
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
      retire(known.channel);
    }
    if (peers.size() >= MAX_PEERS) {
      var eldest = peers.entrySet().iterator();
      retire(eldest.next().getValue().channel);
      eldest.remove();
    }
    Peer fresh = new Peer(authority, connect(authority));
    peers.put(authority, fresh);
    return fresh;
  }

  /**
   * Whoever lives answers each message, in part at least: the connection is dead, though nobody has
   * said so, or the peer has stopped. What comes next tries another connection.
   */
  private void silent(Peer peer) {
    if (peers.remove(peer.authority, peer)) {
      retire(peer.channel);
    }
  }

  /** Calls under way end as they would. */
  private void retire(ManagedChannel channel) {
    retired.removeIf(ManagedChannel::isTerminated);
    retired.add(channel.shutdown());
  }

  private ManagedChannel connect(String authority) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + authority)
            .channelType(transport.client())
            .eventLoopGroup(transport.loops())
            .directExecutor() // replies are handed to the engine's loop by the engine
            .maxInboundMessageSize(ControlLimits.MAX_MESSAGE_BYTES)
            .idleTimeout(IDLE_MINUTES, TimeUnit.MINUTES)
            .keepAliveTime(30, TimeUnit.SECONDS)
            .disableRetry(); // what is told again, and when, is the engine's
    transport
        .security()
        .ifPresentOrElse(security -> builder.sslContext(security.client()), builder::usePlaintext);
    return builder.build();
  }

  /**
   * Ends every connection, and waits for that: a channel that outlived the event loops would call
   * back on them. Calls under way and later ones get no answer, and are told so, but for questions
   * whose silence says something. Not to be called on a loop.
   */
  @Override
  public void close() {
    CompletableFuture<List<ManagedChannel>> ending = new CompletableFuture<>();
    loop.execute(() -> ending.complete(endAll()));
    long deadline = CLOSE_LIMIT.toMillis();
    try {
      for (ManagedChannel channel : ending.get(deadline, TimeUnit.MILLISECONDS)) {
        if (!channel.awaitTermination(deadline, TimeUnit.MILLISECONDS)) {
          LOG.warn("connection of a peer does not end: authority={}", channel.authority());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("connections of peers do not end: the engine's loop does not answer");
    }
  }

  private List<ManagedChannel> endAll() {
    closed = true;
    List<ManagedChannel> channels = new ArrayList<>(retired);
    peers.values().forEach(peer -> channels.add(peer.channel));
    peers.clear();
    channels.forEach(ManagedChannel::shutdownNow);
    return channels;
  }

  /** One connection and what waits for it. */
  private final class Peer {
    final String authority;
    final ManagedChannel channel;
    final ItemBatch<OutcomeItem, OutcomeResult> outcomes;
    final ItemBatch<PrepareItem, PrepareResult> prepares;
    final ItemBatch<InquireItem, Inquired> inquiries;
    final ItemBatch<TerminateItem, TerminateResult> terminations;
    final ItemBatch<VoteItem, VoteResult> votes;

    Peer(String authority, ManagedChannel channel) {
      this.authority = authority;
      this.channel = channel;
      boolean mutual = transport.security().isPresent();
      this.outcomes = batch(new ControlCalls.Outcomes(channel, self), meters.outcome);
      this.prepares = batch(new ControlCalls.Prepares(channel, self), meters.prepare);
      this.inquiries = batch(new ControlCalls.Inquiries(channel, self, mutual), meters.inquire);
      this.terminations = batch(new ControlCalls.Terminations(channel, self), meters.terminate);
      this.votes = batch(new ControlCalls.Votes(channel, self), meters.vote);
    }

    private <I extends MessageLite, R> ItemBatch<I, R> batch(
        ItemBatch.Call<I, R> call, ControlMeters.Of counted) {
      return new ItemBatch<>(loop, call, counted, () -> silent(this));
    }
  }
}
