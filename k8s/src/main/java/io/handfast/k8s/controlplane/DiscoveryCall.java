package io.handfast.k8s.controlplane;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.handfast.k8s.controlplane.protocol.DiscoveryStream;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of gRPC. The next request is read when what was said to the last one is on its way, so
 * that what waits for a client that does not read is bounded. Confined to the thread that gRPC
 * calls it on.
 *
 * @param <Q> request
 * @param <R> response
 */
final class DiscoveryCall<Q, R> implements StreamObserver<Q>, DiscoveryStream.Events<R> {
  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryCall.class);

  /** Bound of what is logged of what a client says. */
  private static final int MAX_TEXT = 2000;

  private final ServerCallStreamObserver<R> client;
  private final DiscoveryStream<Q, R> stream;
  private final Surroundings around;
  private boolean known;
  private boolean unread;
  private boolean behind;

  /** Whether it will be looked at whether the client has acknowledged clusters. */
  private boolean watched;

  /** Whether it has been said that it does not. */
  private boolean told;

  private boolean ended;

  /**
   * What calls share.
   *
   * @param snapshot the newest
   * @param variant for people
   * @param later runs it when a client has had enough time to acknowledge something
   * @param onEnd told once
   */
  record Surroundings(
      Supplier<Optional<Snapshot>> snapshot,
      Meters meters,
      String variant,
      Consumer<Runnable> later,
      Consumer<DiscoveryCall<?, ?>> onEnd) {}

  DiscoveryCall(
      ServerCallStreamObserver<R> client,
      Function<DiscoveryStream.Events<R>, DiscoveryStream<Q, R>> stream,
      Surroundings around) {
    this.client = client;
    this.around = around;
    this.stream = stream.apply(this);
    client.disableAutoRequest();
    client.setOnCancelHandler(() -> ended("cancelled"));
    client.setOnReadyHandler(this::ready);
    client.request(1);
  }

  @Override
  public void onNext(Q request) {
    if (ended) {
      return;
    }
    try {
      stream.request(request, around.snapshot().get());
    } catch (IllegalArgumentException e) {
      refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
      return;
    }
    if (!known && !stream.node().isEmpty()) {
      known = true;
      LOG.info("connected: node={} {}", text(stream.node()), around.variant());
    }
    unread = true;
    ready();
    watch();
  }

  private void ready() {
    if (ended || !client.isReady()) {
      return;
    }
    if (behind) {
      behind = false;
      around.snapshot().get().ifPresent(stream::advance);
    }
    if (unread && client.isReady()) {
      unread = false;
      client.request(1);
    }
  }

  /** Tells what is new, now or when there is room. */
  void advance(Snapshot snapshot) {
    if (client.isReady()) {
      stream.advance(snapshot);
    } else {
      behind = true;
    }
    watch();
  }

  /** Sees to it that nothing waits for ever for a client that does not acknowledge clusters. */
  private void watch() {
    OptionalLong awaited = awaited();
    if (!watched && awaited.isPresent()) {
      watched = true;
      around.later().accept(() -> overdue(awaited));
    }
  }

  private OptionalLong awaited() {
    return ended
        ? OptionalLong.empty()
        : around.snapshot().get().map(stream::awaited).orElse(OptionalLong.empty());
  }

  private void overdue(OptionalLong since) {
    watched = false;
    if (awaited().equals(since) && client.isReady()) {
      if (!told) {
        told = true;
        LOG.warn(
            "clusters neither acknowledged nor refused, listeners and routes go on: node={} {}",
            text(stream.node()),
            around.variant());
      }
      around.snapshot().get().ifPresent(stream::goOn);
    }
    watch();
  }

  /** Ends it with an error. */
  void refuse(Status status) {
    if (!ended) {
      LOG.warn("refused: node={} {}: {}", text(stream.node()), around.variant(), status);
      client.onError(status.asRuntimeException());
      ended("refused");
    }
  }

  /** Ends it; the client will come again. */
  void end() {
    if (!ended) {
      client.onCompleted();
      ended("the control plane ends");
    }
  }

  @Override
  public void onError(Throwable failure) {
    ended(String.valueOf(failure.getMessage()));
  }

  @Override
  public void onCompleted() {
    if (!ended) {
      client.onCompleted();
      ended("by the client");
    }
  }

  private void ended(String why) {
    if (ended) {
      return;
    }
    ended = true;
    if (known) {
      LOG.info("disconnected: node={} {}: {}", text(stream.node()), around.variant(), text(why));
    }
    around.onEnd().accept(this);
  }

  @Override
  public void send(ResourceType<?> type, R response) {
    client.onNext(response);
    around.meters().responded(type);
  }

  @Override
  public void acknowledged(ResourceType<?> type) {
    around.meters().acknowledged(type);
  }

  @Override
  public void refused(ResourceType<?> type, String node, com.google.rpc.Status reason) {
    around.meters().refused(type);
    LOG.warn("NACK: node={} type={} error={}", text(node), type, text(reason.getMessage()));
  }

  @Override
  public void unknownType(String node, String typeUrl) {
    LOG.info("not served, and not answered: node={} type_url={}", text(node), text(typeUrl));
  }

  private static String text(String foreign) {
    return foreign.length() > MAX_TEXT ? foreign.substring(0, MAX_TEXT) + "…" : foreign;
  }
}
