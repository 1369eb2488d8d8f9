package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import io.handfast.proxy.config.HeaderMutations.IfPresent;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RegexRewrite;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.HostRewrite;
import io.handfast.proxy.config.RouteAction.PathReplacement;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.StreamDeadline;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Endpoints and clusters that requests of a real client come to. */
final class BalancingTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<HttpServer> servers = new ArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
    client.close();
  }

  @Test
  void shouldSendByWeightAndOnlyToTheHealthy() throws Exception {
    // Given
    Map<String, Integer> requests = new ConcurrentHashMap<>();
    Endpoint light = serve("light", requests, 1, EndpointHealth.HEALTHY);
    Endpoint heavy = serve("heavy", requests, 3, EndpointHealth.UNKNOWN);
    Endpoint sick = serve("sick", requests, 9, EndpointHealth.UNHEALTHY);
    Route route =
        Route.of(
            RouteMatch.prefix("/"), new RouteAction.Forward("upstream", ForwardOptions.DEFAULTS));

    // When
    try (InProcessProxy proxy = InProcessProxy.of(route, List.of(light, heavy, sick), 1 << 20)) {
      for (int i = 0; i < 40; i++) {
        assertThat(get(proxy, "/", "x").statusCode()).isEqualTo(200);
      }
    }

    // Then
    assertThat(requests).containsOnlyKeys("light", "heavy");
    assertThat(requests.get("light")).isBetween(9, 11);
  }

  @Test
  void shouldSendToTheClusterOfTheHeaderWithTheHeadRewritten() throws Exception {
    // Given
    List<ClusterConfig> clusters = new ArrayList<>();
    for (int i : IntStream.range(0, 2).toArray()) {
      Endpoint endpoint = serve("c" + i, new ConcurrentHashMap<>(), 1, EndpointHealth.UNKNOWN);
      clusters.add(ClusterConfig.of("c" + i, i, DiscoveryType.STATIC, List.of(endpoint)));
    }
    ForwardOptions options =
        new ForwardOptions(
            Duration.ZERO,
            Optional.empty(),
            new PathReplacement.Regex(
                new RegexRewrite(Pattern.compile("^/v([0-9])/"), "/api-\\1/")),
            new HostRewrite.FromHeader("x-cluster"),
            true,
            RetryPolicy.NONE,
            404,
            RouteAction.Upgrades.NONE,
            new StreamDeadline.AsAsked(),
            RoutingPriority.DEFAULT);
    HeaderMutations headers =
        new HeaderMutations(
            List.of(),
            List.of(new HeaderSet("x-forwarded-host", "%REQ(:path)%", IfPresent.APPEND)),
            List.of(),
            List.of(new HeaderSet("x-from", "%UPSTREAM_CLUSTER%", IfPresent.APPEND)));
    Route route =
        new Route(
            "by header",
            RouteMatch.prefix("/"),
            new RouteAction.ClusterHeader("x-cluster", options),
            headers,
            PerFilterConfigs.NONE);

    // When
    try (InProcessProxy proxy = InProcessProxy.running(Configs.http(0, route), clusters)) {
      String authority = "127.0.0.1:" + proxy.port();

      // Then
      HttpResponse<String> rewritten = get(proxy, "/v2/x?y=/v3/", "c1");
      assertThat(rewritten.body()).isEqualTo("c1 c1 /api-2/x?y=/v3/ /v2/x?y=/v3/," + authority);
      assertThat(rewritten.headers().allValues("x-from")).containsExactly("c1");
      assertThat(get(proxy, "/z", "c0").body()).isEqualTo("c0 c0 /z /z," + authority);
      assertThat(get(proxy, "/z", "c2").statusCode()).isEqualTo(404);
    }
  }

  private Endpoint serve(
      String name, Map<String, Integer> requests, int weight, EndpointHealth health)
      throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.merge(name, 1, Integer::sum);
          var headers = exchange.getRequestHeaders();
          String seen =
              String.join(
                  " ",
                  name,
                  headers.getFirst("Host"),
                  exchange.getRequestURI().toString(),
                  String.valueOf(headers.getFirst("X-Forwarded-Host")));
          byte[] body = seen.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    servers.add(server);
    return new Endpoint(
        new NetworkAddress.Tcp("127.0.0.1", server.getAddress().getPort()), "", weight, health);
  }

  private HttpResponse<String> get(InProcessProxy proxy, String path, String cluster)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + proxy.port() + path);
    return client.send(
        HttpRequest.newBuilder(uri).header("x-cluster", cluster).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
