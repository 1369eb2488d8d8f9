package io.handfast.proxy.transaction;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.FilterMetadata;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.datapath.InProcessProxy;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.transaction.v1.Completion;
import io.handfast.tx.core.Authority;
import io.handfast.tx.engine.EngineConfig;
import io.handfast.tx.engine.JournalStore;
import io.handfast.tx.engine.TransactionEngine;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.port.LocalService;
import io.handfast.tx.port.NoDatabases;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One sidecar on real sockets, and the service beside it, which is what the test says. */
final class SidecarRig implements AutoCloseable, LocalService {

  /** What the service does with a request. */
  interface Service {
    void serve(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  final List<String> completions = new CopyOnWriteArrayList<>();

  /** By which confirm and cancel are answered. */
  volatile int completionStatus = 200;

  final List<HttpExchange> seen = new CopyOnWriteArrayList<>();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final TransactionEngine engine;
  private final EventLoops loops = new EventLoops(1, System::nanoTime, System::currentTimeMillis);
  private final JournalStore store;
  private final HttpServer service;
  private final List<InProcessProxy> proxies = new ArrayList<>();

  SidecarRig(String name, Path directory, Neighbours peers, Service work) throws Exception {
    DispatcherLoop loop = new DispatcherLoop(loops.main());
    store = JournalStore.open(JournalOptions.of(directory.resolve(name)), new SecureRandom(), loop);
    engine =
        new TransactionEngine(
            EngineConfig.of(name, new Authority(name, 15014)),
            loop,
            store,
            peers,
            this,
            NoDatabases.INSTANCE,
            new SecureRandom(),
            meters);
    engine.start().toCompletableFuture().get(10, TimeUnit.SECONDS);
    peers.add(name + ":15014", engine.control());
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    service.createContext(
        "/",
        exchange -> {
          seen.add(exchange);
          try {
            work.serve(exchange);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            exchange.close();
          }
        });
    service.start();
  }

  /** An inbound listener of one route to the service. */
  int inbound(RoutePolicy policy, boolean trusted) throws Exception {
    return inbound(policy, service.getAddress().getPort(), trusted);
  }

  /** An inbound listener of one route to another service, on that port. */
  int inbound(RoutePolicy policy, int port, boolean trusted) throws Exception {
    return listen(policy, port, FilterMetadata.NONE, new FilterConfig(true, trusted));
  }

  /** An inbound listener whose streams may be idle for that long. */
  int impatientInbound(RoutePolicy policy, Duration idle) throws Exception {
    return listen(
        policy,
        service.getAddress().getPort(),
        FilterMetadata.NONE,
        new FilterConfig(true, false),
        new RouteAction.ForwardOptions(Duration.ZERO, Optional.of(idle), RetryPolicy.NONE));
  }

  /** An outbound listener of one route to that port. */
  int outbound(RoutePolicy policy, int port, PeerPolicy peer) throws Exception {
    return listen(
        policy,
        port,
        new FilterMetadata(java.util.Map.of(PeerPolicy.KEY, peer)),
        new FilterConfig(false, false));
  }

  private int listen(RoutePolicy policy, int port, FilterMetadata metadata, FilterConfig filter)
      throws Exception {
    return listen(policy, port, metadata, filter, RouteAction.ForwardOptions.DEFAULTS);
  }

  private int listen(
      RoutePolicy policy,
      int port,
      FilterMetadata metadata,
      FilterConfig filter,
      RouteAction.ForwardOptions options)
      throws Exception {
    Route route =
        new Route(
            "",
            RouteMatch.prefix("/"),
            new RouteAction.Forward("upstream", options),
            HeaderMutations.NONE,
            PerFilterConfigs.of(new @Nullable Object[] {policy}, new @Nullable Boolean[] {null}));
    ClusterConfig plain =
        ClusterConfig.of(
            "upstream", 0, DiscoveryType.STATIC, List.of(Endpoint.of("127.0.0.1", port)));
    ClusterConfig cluster =
        new ClusterConfig(
            plain.name(),
            plain.index(),
            plain.type(),
            plain.localities(),
            plain.loadBalancing(),
            plain.connectTimeout(),
            plain.circuitBreakers(),
            plain.perConnectionBufferLimitBytes(),
            new UpstreamHttpOptions(
                plain.http().idleTimeout(),
                Duration.ZERO,
                0,
                true,
                UpstreamProtocol.DOWNSTREAM,
                Http2Options.DEFAULTS),
            plain.dns(),
            metadata,
            plain.tls(),
            plain.source());
    InProcessProxy proxy =
        InProcessProxy.of(route, cluster, 1 << 20, TransactionFilters.factory(filter, engine));
    proxies.add(proxy);
    return proxy.port();
  }

  /** Waits until the next stream of that listener has ended. */
  void awaitStreamEnd(int port) {
    for (InProcessProxy proxy : proxies) {
      if (proxy.port() == port) {
        proxy.nextEnded();
      }
    }
  }

  @Override
  public void send(Completion completion, Callback callback) {
    completions.add(completion.getMethod() + " " + completion.getPath());
    callback.onAnswer(completionStatus);
  }

  static HttpResponse<String> send(int port, String method, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/work"))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static void answer(HttpExchange exchange, int status, String body) throws IOException {
    exchange.getRequestBody().readAllBytes();
    byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** The headers by which an instrumented service carries its context on. */
  static String[] carried(HttpExchange exchange) {
    List<String> headers = new ArrayList<>();
    for (String name : List.of("traceparent", "tracestate", "baggage")) {
      String value = exchange.getRequestHeaders().getFirst(name);
      if (value != null) {
        headers.add(name);
        headers.add(value);
      }
    }
    return headers.toArray(String[]::new);
  }

  @Override
  public void close() {
    proxies.forEach(InProcessProxy::close);
    service.stop(0);
    loops.close();
    store.close();
  }
}
