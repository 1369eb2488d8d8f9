package io.handfast.benchmarks.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Aggregated discovery for one client, delta and state of the world: sends what is put into it, at
 * once, and remembers whether the client has taken it. Thread-safe: one lock.
 */
final class AdsServer extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {

  static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  static final String ENDPOINT =
      "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
  static final String LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
  static final String ROUTE = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

  private static final Set<String> WILDCARDS = Set.of(CLUSTER, LISTENER);

  private final Map<String, Map<String, Held>> byType = new HashMap<>();
  private @Nullable Stream stream;
  private long version;
  private String refusal = "";

  private record Held(Any any, String version) {}

  /** What differs between the two kinds of stream. */
  private abstract static class Stream {
    final Map<String, Set<String>> wanted = new HashMap<>();
    long sent;
    long answered;

    abstract void send(String type, Map<String, Held> some, Collection<String> removed);

    boolean wants(String type, String name) {
      return wanted.containsKey(type)
          && (WILDCARDS.contains(type) || wanted.getOrDefault(type, Set.of()).contains(name));
    }
  }

  /** Puts resources there, or takes them away, and tells the client. */
  synchronized void put(String type, Map<String, Message> resources, Collection<String> removed) {
    version++;
    Map<String, Held> all = byType.computeIfAbsent(type, _ -> new LinkedHashMap<>());
    Map<String, Held> told = new LinkedHashMap<>();
    Stream to = stream;
    resources.forEach((name, message) -> {
      Held held = new Held(Any.pack(message), String.valueOf(version));
      all.put(name, held);
      if (to != null && to.wants(type, name)) {
        told.put(name, held);
      }
    });
    all.keySet().removeAll(removed);
    if (to != null && to.wanted.containsKey(type) && !(told.isEmpty() && removed.isEmpty())) {
      to.send(type, told, removed);
    }
  }

  /** Does the work of {@link #put} up to sending, and changes nothing. */
  synchronized void rehearse(
      String type, Map<String, Message> resources, Collection<String> removed) {
    Map<String, Held> told = new LinkedHashMap<>();
    resources.forEach(
        (name, message) -> told.put(name, new Held(Any.pack(message), String.valueOf(version))));
    try {
      delta(type, told, removed, 0).writeTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DeltaDiscoveryResponse delta(
      String type, Map<String, Held> some, Collection<String> removed, long nonce) {
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type)
            .setNonce(String.valueOf(nonce))
            .setSystemVersionInfo(String.valueOf(version))
            .addAllRemovedResources(removed);
    some.forEach((name, held) ->
        response.addResources(
            Resource.newBuilder()
                .setName(name)
                .setVersion(held.version())
                .setResource(held.any())));
    return response.build();
  }

  /** Waits until every response is answered; fails if one was refused. */
  synchronized void awaitAnswers() throws InterruptedException {
    while (refusal.isEmpty() && (stream == null || stream.answered < stream.sent)) {
      wait(100);
    }
    if (!refusal.isEmpty()) {
      throw new IllegalStateException("refused: " + refusal);
    }
  }

  /** Nobody is connected any more: another client may come. */
  synchronized void forget() {
    stream = null;
  }

  private synchronized void opened(Stream opened) {
    stream = opened;
  }

  private synchronized void answered(Stream of, String error) {
    of.answered++;
    refusal = refusal.isEmpty() ? error : refusal;
    notifyAll();
  }

  private synchronized void wanted(
      Stream of, String type, Collection<String> added, Collection<String> dropped, boolean first) {
    Set<String> wanted = of.wanted.computeIfAbsent(type, _ -> new HashSet<>());
    wanted.addAll(added);
    dropped.forEach(wanted::remove);
    Map<String, Held> told = new LinkedHashMap<>();
    byType
        .getOrDefault(type, Map.of())
        .forEach((name, held) -> {
          if (WILDCARDS.contains(type) ? first : added.contains(name)) {
            told.put(name, held);
          }
        });
    if ((first && WILDCARDS.contains(type)) || !told.isEmpty()) {
      of.send(type, told, List.of());
    }
  }

  @Override
  public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
      StreamObserver<DeltaDiscoveryResponse> out) {
    Stream mine =
        new Stream() {
          @Override
          void send(String type, Map<String, Held> some, Collection<String> removed) {
            sent++;
            out.onNext(delta(type, some, removed, sent));
          }
        };
    opened(mine);
    return new Requests<>() {
      @Override
      public void onNext(DeltaDiscoveryRequest request) {
        boolean first = !mine.wanted.containsKey(request.getTypeUrl());
        if (!request.getResponseNonce().isEmpty()) {
          answered(mine, request.getErrorDetail().getMessage());
        }
        if (first
            || request.getResourceNamesSubscribeCount() > 0
            || request.getResourceNamesUnsubscribeCount() > 0) {
          wanted(
              mine,
              request.getTypeUrl(),
              new HashSet<>(request.getResourceNamesSubscribeList()),
              request.getResourceNamesUnsubscribeList(),
              first);
        }
      }
    };
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamAggregatedResources(
      StreamObserver<DiscoveryResponse> out) {
    Stream mine =
        new Stream() {
          @Override
          void send(String type, Map<String, Held> some, Collection<String> removed) {
            sent++;
            Map<String, Held> listed =
                WILDCARDS.contains(type) ? byType.getOrDefault(type, Map.of()) : some;
            DiscoveryResponse.Builder response =
                DiscoveryResponse.newBuilder()
                    .setTypeUrl(type)
                    .setNonce(String.valueOf(sent))
                    .setVersionInfo(String.valueOf(version));
            listed.values().forEach(held -> response.addResources(held.any()));
            out.onNext(response.build());
          }
        };
    opened(mine);
    return new Requests<>() {
      @Override
      public void onNext(DiscoveryRequest request) {
        String type = request.getTypeUrl();
        boolean first = !mine.wanted.containsKey(type);
        if (!request.getResponseNonce().isEmpty()) {
          answered(mine, request.getErrorDetail().getMessage());
        }
        Set<String> before = mine.wanted.getOrDefault(type, Set.of());
        Set<String> added = new TreeSet<>(request.getResourceNamesList());
        Set<String> dropped = new TreeSet<>(before);
        dropped.removeAll(added);
        added.removeAll(before);
        if (first || !added.isEmpty() || !dropped.isEmpty()) {
          wanted(mine, type, added, dropped, first);
        }
      }
    };
  }

  /** A client that goes is no error. */
  private abstract static class Requests<T> implements StreamObserver<T> {
    @Override
    public void onError(Throwable gone) {}

    @Override
    public void onCompleted() {}
  }
}
