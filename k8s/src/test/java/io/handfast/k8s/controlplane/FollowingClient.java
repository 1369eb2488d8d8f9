package io.handfast.k8s.controlplane;

import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService.GoogleGrpc;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.stream.ClientRuntime;
import io.handfast.xds.stream.ClusterChannels;
import io.handfast.xds.stream.ResourceHandler;
import io.handfast.xds.stream.StreamEvents;
import io.handfast.xds.stream.XdsClient;
import io.handfast.xds.stream.XdsSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

/** Our own client of xDS, which keeps what it is sent. */
final class FollowingClient implements AutoCloseable {
  private static final Duration FETCH = Duration.ofSeconds(15);

  private final ScheduledExecutorService executor =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "xds-test"));
  private final XdsClient client;

  /** What is held, with its version. */
  final Map<String, String> held = new ConcurrentHashMap<>();

  /** What came, response by response. */
  final List<String> received = new CopyOnWriteArrayList<>();

  /** What does not exist. */
  final List<String> lost = new CopyOnWriteArrayList<>();

  /** How often the server could not be reached. */
  final AtomicInteger failures = new AtomicInteger();

  /** Names of resources to refuse. */
  final Set<String> refuse = ConcurrentHashMap.newKeySet();

  private FollowingClient(XdsSource source) {
    client =
        source.client(
            Node.newBuilder().setId("sidecar-1").setCluster("shop").build(),
            new Keeping(),
            new ClientRuntime(executor, System::nanoTime, new Random(1), StreamEvents.NONE));
  }

  /** For all types, or for one. */
  static FollowingClient of(int port, ApiType api, ResourceType<?> type) {
    return of(GoogleGrpc.newBuilder().setTargetUri("127.0.0.1:" + port).build(), api, type);
  }

  static FollowingClient of(GoogleGrpc target, ApiType api, ResourceType<?> type) {
    ApiConfigSource.Builder source =
        ApiConfigSource.newBuilder().setApiType(api).setTransportApiVersion(ApiVersion.V3);
    source.addGrpcServicesBuilder().setGoogleGrpc(target);
    ConfigErrors errors = new ConfigErrors();
    return new FollowingClient(
        (api.name().startsWith("AGGREGATED")
                ? XdsSource.aggregated(source.build(), "", ClusterChannels.NONE, errors)
                : XdsSource.ofType(source.build(), type, "", ClusterChannels.NONE, errors))
            .orElseThrow(() -> new AssertionError(errors.list())));
  }

  FollowingClient subscribe(ResourceType<?> type, String... names) {
    client.subscribe(type, Set.of(names), FETCH);
    return this;
  }

  FollowingClient start() {
    client.start();
    return this;
  }

  private final class Keeping implements ResourceHandler {
    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      List<ResourceFault> faults = new ArrayList<>();
      for (Received each : update.changed()) {
        String name = new ResourceName(update.type(), each.name()).toString();
        if (refuse.contains(each.name())) {
          faults.add(ResourceFault.of(each.name(), name + ".type", "refused by the test"));
        } else {
          held.put(name, each.version());
        }
      }
      update
          .removed()
          .forEach(name -> held.remove(new ResourceName(update.type(), name).toString()));
      received.add(
          update.type()
              + update.changed().stream().map(Received::name).sorted().toList().toString()
              + (update.removed().isEmpty() ? "" : " without " + update.removed()));
      return CompletableFuture.completedFuture(faults);
    }

    @Override
    public void lost(Effect.Lost each) {
      each.names().forEach(name -> lost.add(new ResourceName(each.type(), name).toString()));
    }

    @Override
    public void failed(Effect.Failed each) {
      failures.incrementAndGet();
    }

    @Override
    public void serverChanged() {}
  }

  @Override
  public void close() {
    client.close();
    executor.shutdown();
  }
}
