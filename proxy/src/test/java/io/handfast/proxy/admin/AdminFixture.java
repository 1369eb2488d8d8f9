package io.handfast.proxy.admin;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.Certificates;
import io.envoyproxy.envoy.admin.v3.ClusterStatus;
import io.envoyproxy.envoy.admin.v3.Clusters;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.HostHealthStatus;
import io.envoyproxy.envoy.admin.v3.HostStatus;
import io.envoyproxy.envoy.admin.v3.ListenerStatus;
import io.envoyproxy.envoy.admin.v3.Listeners;
import io.envoyproxy.envoy.admin.v3.ServerInfo;
import io.envoyproxy.envoy.admin.v3.SimpleMetric;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.stats.Stats;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.operator.TransactionSummary;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An administration server on a free port over fakes, and a client for it. */
final class AdminFixture implements AutoCloseable {

  static final String TX = "0196f0c2a1b87c3d9e4f5a6b7c8d9e0f";

  final FakeControl control = new FakeControl();
  final FakeLevels levels = new FakeLevels();
  final FakeQueries transactionsHere = new FakeQueries();
  final Stats stats = new Stats();
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final HttpClient client = HttpClient.newHttpClient();
  private final AdminServer server;

  AdminFixture() throws IOException {
    this(true);
  }

  AdminFixture(boolean transactions) throws IOException {
    AdminSources sources =
        new AdminSources(
            control,
            stats,
            AdminFixture::configDump,
            () ->
                ServerInfo.newBuilder()
                    .setVersion("handfast/1")
                    .setState(ServerInfo.State.LIVE)
                    .build(),
            AdminFixture::clusters,
            AdminFixture::listeners,
            Certificates::getDefaultInstance,
            ClientConfig::getDefaultInstance,
            levels,
            transactions ? Optional.of(transactionsHere) : Optional.empty(),
            () ->
                JsonFormat.TypeRegistry.newBuilder()
                    .add(ConfigDump.getDescriptor())
                    .add(BootstrapConfigDump.getDescriptor())
                    .add(Cluster.getDescriptor())
                    .build());
    server =
        AdminServer.start(
            new AdminConfig(new NetworkAddress.Tcp("127.0.0.1", 0)),
            sources,
            loop,
            NioServerSocketChannel.class);
  }

  int port() {
    return server.address().getPort();
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send("GET", path);
  }

  CompletableFuture<HttpResponse<String>> getLater(String path) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path) throws IOException, InterruptedException {
    return send("POST", path);
  }

  HttpResponse<String> post(String path, String token) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .header(OperatorToken.HEADER, token)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    server.close();
    client.close();
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    stats.close();
  }

  static final class FakeControl implements ServerControl {
    final List<String> calls = new ArrayList<>();
    volatile State state = State.LIVE;
    volatile List<String> reasons = List.of();
    volatile List<String> notices = List.of();

    @Override
    public State state() {
      return state;
    }

    @Override
    public List<String> notReady() {
      return reasons;
    }

    @Override
    public List<String> notices() {
      return notices;
    }

    @Override
    public void failHealthChecks(boolean fail) {
      calls.add("fail " + fail);
    }

    @Override
    public void drainListeners(boolean inboundOnly) {
      calls.add("drain " + inboundOnly);
    }

    @Override
    public void quit() {
      calls.add("quit");
    }

    @Override
    public void reopenLogs() {
      calls.add("reopen");
    }
  }

  static final class FakeLevels implements LogLevels {
    private final Map<String, String> levels =
        new TreeMap<>(Map.of("http", "info", "main", "info"));

    @Override
    public Map<String, String> levels() {
      return levels;
    }

    @Override
    public void setAll(String level) {
      levels.replaceAll((name, old) -> level);
    }

    @Override
    public void set(String component, String level) {
      if (levels.replace(component, level) == null) {
        throw new IllegalArgumentException("unknown logger " + component);
      }
    }
  }

  static final class FakeQueries implements TransactionAdmin {
    @Nullable OperatorToken token;
    volatile boolean started = true;
    final List<TransactionFilter> filters = new CopyOnWriteArrayList<>();

    /** What lists are answered with. */
    Supplier<CompletionStage<TransactionList>> lists =
        () -> CompletableFuture.supplyAsync(() -> of(List.of(SUMMARY)));

    final List<String> calls = new CopyOnWriteArrayList<>();

    static final TransactionSummary SUMMARY =
        new TransactionSummary(
            TX, "coordinator", "committing", "committed", "127.0.0.1:15014", 2, 1000, 25, "");

    @Override
    public CompletionStage<TransactionList> list(TransactionFilter filter) {
      filters.add(filter);
      return lists.get();
    }

    static TransactionList of(List<TransactionSummary> inFlight) {
      return new TransactionList("transfers", "127.0.0.1:15014", "ab12", inFlight, 0, List.of(), 0);
    }

    @Override
    public CompletionStage<Optional<TransactionDetail>> show(String txId) {
      return CompletableFuture.supplyAsync(() ->
          txId.equals(TX)
              ? Optional.of(
                  new TransactionDetail(
                      SUMMARY,
                      List.of(
                          new TransactionDetail.BranchView(
                              "00f067aa0ba902b7",
                              "bank-a",
                              "127.0.0.1:15015",
                              "callback",
                              "prepared",
                              "prepared",
                              "the outcome")),
                      List.of(new TransactionDetail.TimelineEntry(1000, 0, "", "began", "active")),
                      0,
                      List.of("bank-a")))
              : Optional.empty());
    }

    @Override
    public Optional<OperatorToken> token() {
      return Optional.ofNullable(token);
    }

    @Override
    public CompletionStage<Result> resolve(String txId, Decision decision, Ground ground) {
      return done("resolve " + txId + " " + decision + " " + ground.by() + " " + ground.reason());
    }

    @Override
    public CompletionStage<Result> forget(String txId, Ground ground) {
      return done("forget " + txId + " " + ground.by() + " " + ground.reason());
    }

    private CompletionStage<Result> done(String call) {
      calls.add(call);
      return CompletableFuture.completedFuture(
          call.contains(TX)
              ? new Result(Status.DONE, "decided", List.of("00f067aa0ba902b7"))
              : new Result(Status.REFUSED, "nothing of it is in doubt here", List.of()));
    }

    @Override
    public boolean isStarted() {
      return started;
    }

    @Override
    public Readiness readiness() {
      return new Readiness(true, "");
    }
  }

  private static ConfigDump configDump() {
    ClustersConfigDump.Builder clusters = ClustersConfigDump.newBuilder();
    for (String name : List.of("bank-a", "bank-b")) {
      clusters.addStaticClusters(
          ClustersConfigDump.StaticCluster.newBuilder()
              .setCluster(
                  Any.pack(
                      Cluster.newBuilder()
                          .setName(name)
                          .setConnectTimeout(Durations.fromSeconds(1))
                          .build())));
    }
    return ConfigDump.newBuilder()
        .addConfigs(
            Any.pack(
                BootstrapConfigDump.newBuilder()
                    .setBootstrap(Bootstrap.getDefaultInstance())
                    .build()))
        .addConfigs(Any.pack(clusters.build()))
        .addConfigs(
            Any.pack(
                EndpointsConfigDump.newBuilder()
                    .addStaticEndpointConfigs(
                        EndpointsConfigDump.StaticEndpointConfig.newBuilder()
                            .setEndpointConfig(
                                Any.pack(
                                    ClusterLoadAssignment.newBuilder()
                                        .setClusterName("bank-a")
                                        .build())))
                    .build()))
        .build();
  }

  private static Clusters clusters() {
    return Clusters.newBuilder()
        .addClusterStatuses(
            ClusterStatus.newBuilder()
                .setName("up")
                .setObservabilityName("up")
                .addHostStatuses(
                    HostStatus.newBuilder()
                        .setAddress(address("127.0.0.1", 8081))
                        .addStats(SimpleMetric.newBuilder().setName("rq_total").setValue(2))
                        .addStats(
                            SimpleMetric.newBuilder()
                                .setName("cx_active")
                                .setType(SimpleMetric.Type.GAUGE))
                        .setWeight(1)
                        .setHealthStatus(
                            HostHealthStatus.newBuilder()
                                .setEdsHealthStatus(HealthStatus.HEALTHY))))
        .build();
  }

  private static Listeners listeners() {
    return Listeners.newBuilder()
        .addListenerStatuses(
            ListenerStatus.newBuilder().setName("in").setLocalAddress(address("::1", 8080)))
        .build();
  }

  private static Address address(String host, int port) {
    return Address.newBuilder()
        .setSocketAddress(SocketAddress.newBuilder().setAddress(host).setPortValue(port))
        .build();
  }
}
