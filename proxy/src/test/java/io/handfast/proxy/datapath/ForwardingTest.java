package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.StreamInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request from a real client through the proxy to a real server, and what goes wrong there. */
final class ForwardingTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final CountDownLatch release = new CountDownLatch(1);
  private HttpServer upstream = newServer();

  private static HttpServer newServer() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void serve() {
    upstream.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    upstream.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          String seen = exchange.getRequestHeaders().getFirst("X-Request-Id");
          exchange.getResponseHeaders().add("x-seen-id", String.valueOf(seen));
          exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    upstream.createContext(
        "/slow",
        exchange -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    upstream.start();
  }

  @AfterEach
  void stop() {
    release.countDown();
    upstream.stop(0);
  }

  @Test
  void shouldForwardBothWaysWhenUpstreamAnswers() throws Exception {
    try (InProcessProxy proxy = InProcessProxy.to(upstream.getAddress().getPort())) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> response = send(proxy, "/echo?q=1", "hello");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("hello");
        assertThat(response.headers().firstValue("server")).hasValue("handfast");
        assertThat(response.headers().firstValue("x-envoy-upstream-service-time")).isPresent();
        assertThat(response.headers().firstValue("x-seen-id").orElse("")).hasSize(36);
        StreamInfo info = proxy.nextEnded();
        assertThat(info.status()).isEqualTo(200);
        assertThat(info.flagsText()).isEqualTo("-");
        assertThat(info.bytesReceived()).isEqualTo(5);
        assertThat(info.bytesSent()).isEqualTo(5);
        assertThat(info.cluster()).isEqualTo("upstream");
      }
      // one kept connection served all three
      assertThat(proxy.stats.counter("cluster.upstream.upstream_cx_total").value()).isEqualTo(1);
      assertThat(proxy.stats.counter("cluster.upstream.upstream_rq_total").value()).isEqualTo(3);
    }
  }

  @Test
  void shouldStreamLargeBodiesWhenBothSidesAreSlowToBuffer() throws Exception {
    byte[] large = new byte[8 << 20];
    new java.util.Random(7).nextBytes(large);
    try (InProcessProxy proxy = InProcessProxy.to(upstream.getAddress().getPort())) {
      HttpResponse<byte[]> response =
          client.send(
              request(proxy, "/").POST(HttpRequest.BodyPublishers.ofByteArray(large)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertThat(response.body()).isEqualTo(large);
    }
  }

  @Test
  void shouldAnswer503UFWhenNobodyListens() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        InProcessProxy proxy = InProcessProxy.to(closed.number())) {
      HttpResponse<String> response = send(proxy, "/", "");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body())
          .startsWith(
              "upstream connect error or disconnect/reset before headers. reset reason: remote"
                  + " connection failure");
      assertThat(proxy.nextEnded().hasFlag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE)).isTrue();
    }
  }

  @Test
  void shouldAnswer503UHWhenThereIsNoEndpoint() throws Exception {
    try (InProcessProxy proxy =
        InProcessProxy.of(forward(RouteAction.ForwardOptions.DEFAULTS), List.of(), 1 << 20)) {
      HttpResponse<String> response = send(proxy, "/", "");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).isEqualTo("no healthy upstream");
      assertThat(proxy.nextEnded().flagsText()).isEqualTo("UH");
    }
  }

  @Test
  void shouldAnswer503NCAnd404NRWhenClusterOrRouteAreMissing() throws Exception {
    Route unknown =
        Route.of(
            RouteMatch.prefix("/known"),
            new RouteAction.Forward("gone", RouteAction.ForwardOptions.DEFAULTS));
    try (InProcessProxy proxy = InProcessProxy.of(unknown, List.of(), 1 << 20)) {
      assertThat(send(proxy, "/known", "").statusCode()).isEqualTo(503);
      assertThat(proxy.nextEnded().flagsText()).isEqualTo("NC");
      assertThat(send(proxy, "/other", "").statusCode()).isEqualTo(404);
      assertThat(proxy.nextEnded().flagsText()).isEqualTo("NR");
    }
  }

  @Test
  void shouldAnswer504UTWhenUpstreamIsSlow() throws Exception {
    RouteAction.ForwardOptions soon =
        new RouteAction.ForwardOptions(
            Duration.ofMillis(100), Optional.empty(), RouteAction.RetryPolicy.NONE);
    try (InProcessProxy proxy =
        InProcessProxy.of(
            forward(soon),
            List.of(Endpoint.of("127.0.0.1", upstream.getAddress().getPort())),
            1 << 20)) {
      HttpResponse<String> response = send(proxy, "/slow", "");
      assertThat(response.statusCode()).isEqualTo(504);
      assertThat(response.body()).isEqualTo("upstream request timeout");
      assertThat(proxy.nextEnded().flagsText()).isEqualTo("UT");
    }
  }

  @Test
  void shouldTryTheNextEndpointWhenTheRouteRetriesConnectFailures() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    RouteAction.ForwardOptions retry =
        new RouteAction.ForwardOptions(
            Duration.ZERO, Optional.empty(), new RouteAction.RetryPolicy(true, 1));
    try (InProcessProxy proxy =
        InProcessProxy.of(
            forward(retry),
            List.of(
                Endpoint.of("127.0.0.1", free),
                Endpoint.of("127.0.0.1", upstream.getAddress().getPort())),
            1 << 20)) {
      for (int i = 0; i < 4; i++) {
        assertThat(send(proxy, "/", "x").statusCode()).isEqualTo(200);
      }
      long retries = proxy.stats.counter("cluster.upstream.upstream_rq_retry").value();
      assertThat(retries).isPositive();
      assertThat(proxy.stats.counter("cluster.upstream.upstream_rq_retry_success").value())
          .isEqualTo(retries);
    }
  }

  @Test
  void shouldReachTheEndpointWhenItComesBackWhileTheRouteRetries() throws Exception {
    int port = upstream.getAddress().getPort();
    upstream.stop(0);
    RouteAction.ForwardOptions retry =
        new RouteAction.ForwardOptions(
            Duration.ZERO, Optional.empty(), new RouteAction.RetryPolicy(true, 1000));
    try (InProcessProxy proxy =
        InProcessProxy.of(forward(retry), List.of(Endpoint.of("127.0.0.1", port)), 1 << 20)) {
      CompletableFuture<HttpResponse<String>> answer =
          CompletableFuture.supplyAsync(() -> {
            try {
              return send(proxy, "/", "x");
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      await().until(() -> proxy.stats.counter("cluster.upstream.upstream_rq_retry").value() >= 3);
      upstream =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      serve();
      assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void shouldRedirectAndAnswerDirectlyWhenTheRouteSaysSo() throws Exception {
    Route redirect =
        new Route(
            "r",
            RouteMatch.prefix("/old"),
            new RouteAction.Redirect(
                308,
                "https",
                "example.com",
                0,
                new RouteAction.PathReplacement.MatchedPrefix("/new"),
                false),
            HeaderMutations.NONE,
            PerFilterConfigs.NONE);
    try (InProcessProxy proxy = InProcessProxy.of(redirect, List.of(), 1 << 20)) {
      HttpResponse<String> response = send(proxy, "/old/a?b=c", "");
      assertThat(response.statusCode()).isEqualTo(308);
      assertThat(response.headers().firstValue("location").orElse(""))
          .isEqualTo("https://example.com/new/a?b=c");
    }
    Route direct =
        Route.of(RouteMatch.prefix("/"), new RouteAction.DirectResponse(418, "short and stout"));
    try (InProcessProxy proxy = InProcessProxy.of(direct, List.of(), 1 << 20)) {
      HttpResponse<String> response = send(proxy, "/", "");
      assertThat(response.statusCode()).isEqualTo(418);
      assertThat(response.body()).isEqualTo("short and stout");
    }
  }

  @Test
  void shouldCloseConnectionsWhenTheListenerDrains() throws Exception {
    try (InProcessProxy proxy = InProcessProxy.to(upstream.getAddress().getPort())) {
      assertThat(send(proxy, "/", "x").statusCode()).isEqualTo(200);
      assertThat(proxy.listeners().connections()).isEqualTo(1);
      proxy.listeners().drain(listener -> true);
      org.awaitility.Awaitility.await()
          .atMost(10, TimeUnit.SECONDS)
          .until(() -> proxy.listeners().connections() == 0);
    }
  }

  private static Route forward(RouteAction.ForwardOptions options) {
    return Route.of(RouteMatch.prefix("/"), new RouteAction.Forward("upstream", options));
  }

  private HttpResponse<String> send(InProcessProxy proxy, String path, String body)
      throws Exception {
    HttpRequest.Builder request = request(proxy, path);
    if (body.isEmpty()) {
      request.GET();
    } else {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(InProcessProxy proxy, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + path))
        .timeout(Duration.ofSeconds(20));
  }
}
