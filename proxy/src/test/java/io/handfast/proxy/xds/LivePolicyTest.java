package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.http;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.handfast.transaction.v1.Boundary;
import io.handfast.transaction.v1.Propagation;
import io.handfast.transaction.v1.Protocol;
import io.handfast.transaction.v1.Transaction;
import io.handfast.transaction.v1.TransactionPerRoute;
import io.handfast.transaction.v1.Trust;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The policy of transactions by a real control plane: a change is for new transactions, one that
 * runs ends under the policy that it began with.
 */
final class LivePolicyTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String FILTER = "handfast.transaction";
  private static final String COMMITTED = "200 one committed";
  private static final TransactionPerRoute BEGINNING =
      TransactionPerRoute.newBuilder()
          .setBoundary(
              Boundary.newBuilder()
                  .setProtocol(Protocol.TWO_PHASE)
                  .setTimeout(Durations.fromSeconds(20)))
          .build();
  private static final TransactionPerRoute MANDATORY =
      TransactionPerRoute.newBuilder().setPropagation(Propagation.MANDATORY).build();
  private static final TransactionPerRoute BAD =
      TransactionPerRoute.newBuilder().setPropagation(Propagation.REQUIRES_NEW).build();

  @TempDir private Path journal;

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private final HttpClient client = HttpClient.newHttpClient();
  private Optional<LiveSidecar> running = Optional.empty();
  private int version = 1;

  @AfterEach
  void close() {
    one.release();
    running.ifPresent(LiveSidecar::close);
    client.close();
    control.close();
    one.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldEndARunningTransactionUnderItsPolicyWhenTheRouteTableHasAnother(String type)
      throws Exception {
    // Given
    serve(listener(own(http("r"))), withPolicy(BEGINNING));
    int port = started(type);
    CompletableFuture<String> begun = held(port);

    // When: from now on nobody may come without a transaction
    serve(listener(own(http("r"))), withPolicy(MANDATORY));
    await().atMost(PATIENCE).until(() -> ask(port).get().startsWith("400"));

    // Then
    assertThat(one.held()).isEqualTo(1);
    one.release();
    assertThat(begun.get()).isEqualTo(COMMITTED);
    assertThat(control.refusals()).isEmpty();
  }

  @Test
  void shouldEndARunningTransactionUnderItsPolicyWhenTheListenerHasAnother() throws Exception {
    // Given: the routes stand in the listener
    serve(listener(own(inline(BEGINNING))), routes("r", "a"));
    int port = started(DELTA);
    CompletableFuture<String> begun = held(port);

    // When
    serve(listener(own(inline(MANDATORY))), routes("r", "a"));
    await().atMost(PATIENCE).until(() -> ask(port).get().startsWith("400"));

    // Then
    assertThat(one.held()).isEqualTo(1);
    one.release();
    assertThat(begun.get()).isEqualTo(COMMITTED);
  }

  @Test
  void shouldEndARunningTransactionUnderItsPolicyWhenTheFilterIsAnother() throws Exception {
    // Given: the filter by a service of its own; it believes nobody without a certificate
    control.serve(extension(Transaction.newBuilder().setTrust(Trust.MTLS).build()));
    serve(listener(discovering()), withPolicy(BEGINNING));
    int port = started(DELTA);
    assertThat(ask(port, "tx-context", "garbage").get()).isEqualTo(COMMITTED);
    CompletableFuture<String> begun = held(port);

    // When: from now on what comes is believed, and has to be right
    control.serve(extension(Transaction.newBuilder().setTrust(Trust.PLAINTEXT).build()));
    await()
        .atMost(PATIENCE)
        .until(() -> ask(port, "tx-context", "garbage").get().startsWith("400"));

    // Then
    assertThat(one.held()).isEqualTo(1);
    one.release();
    assertThat(begun.get()).isEqualTo(COMMITTED);
    assertThat(control.refusals()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldRefuseAPolicyOfARouteTableWithItsFieldAndKeepTheOldOne(String type) throws Exception {
    // Given
    serve(listener(own(http("r"))), withPolicy(BEGINNING));
    int port = started(type);

    // When
    serve(listener(own(http("r"))), withPolicy(BAD));

    // Then
    refuses(
        "routes[r].virtual_hosts[0].routes[0].typed_per_filter_config[\"handfast.transaction\"].propagation");
    assertThat(ask(port).get()).isEqualTo(COMMITTED);

    // And when it is mended
    serve(listener(own(http("r"))), withPolicy(MANDATORY));
    await().atMost(PATIENCE).until(() -> ask(port).get().startsWith("400"));
  }

  @Test
  void shouldRefuseAPolicyOfAListenerWithItsFieldAndKeepTheOldOne() throws Exception {
    // Given
    serve(listener(own(inline(BEGINNING))), routes("r", "a"));
    int port = started(DELTA);

    // When
    serve(listener(own(inline(BAD))), routes("r", "a"));

    // Then
    refuses(
        "listeners[l].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes[0].typed_per_filter_config[\"handfast.transaction\"].propagation");
    assertThat(ask(port).get()).isEqualTo(COMMITTED);
  }

  @Test
  void shouldTakeAPolicyAsAStructAndRefuseOneWithItsFieldM1() throws Exception {
    // Given
    control.serve(extension(struct("trust", "PLAINTEXT")));
    serve(listener(discovering()), withPolicy(BEGINNING));
    int port = started(DELTA);
    assertThat(ask(port, "tx-context", "garbage").get()).startsWith("400");
    assertThat(ask(port).get()).isEqualTo(COMMITTED);

    // When
    control.serve(extension(struct("trust", "EVERYBODY")));

    // Then
    refuses("extension_configs[handfast.transaction].typed_config.trust: 'EVERYBODY' (expected: ");
    assertThat(ask(port, "tx-context", "garbage").get()).startsWith("400");
    assertThat(ask(port).get()).isEqualTo(COMMITTED);
  }

  private void refuses(String error) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(control.refusals()).anyMatch(text -> text.contains(error)));
  }

  private CompletableFuture<String> held(int port) {
    one.hold();
    CompletableFuture<String> begun = ask(port);
    await().atMost(PATIENCE).until(() -> one.held() == 1);
    return begun;
  }

  /** Status, body and outcome. */
  private CompletableFuture<String> ask(int port, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client
        .sendAsync(request.build(), BodyHandlers.ofString())
        .thenApply(answer ->
            (answer.statusCode()
                    + " "
                    + answer.body()
                    + " "
                    + answer.headers().firstValue("tx-outcome").orElse(""))
                .strip());
  }

  private static TypedStruct struct(String field, String value) {
    return TypedStruct.newBuilder()
        .setTypeUrl(Any.pack(Transaction.getDefaultInstance()).getTypeUrl())
        .setValue(
            Struct.newBuilder().putFields(field, Value.newBuilder().setStringValue(value).build()))
        .build();
  }

  private static TypedExtensionConfig extension(Message config) {
    return TypedExtensionConfig.newBuilder()
        .setName(FILTER)
        .setTypedConfig(Any.pack(config))
        .build();
  }

  /** With the filter in its place. */
  private static HttpConnectionManager own(HttpConnectionManager http) {
    return http.toBuilder()
        .addHttpFilters(
            0,
            HttpFilter.newBuilder()
                .setName(FILTER)
                .setTypedConfig(
                    Any.pack(Transaction.newBuilder().setTrust(Trust.PLAINTEXT).build())))
        .build();
  }

  private static HttpConnectionManager inline(TransactionPerRoute policy) {
    return http("r").toBuilder().clearRds().setRouteConfig(withPolicy(policy)).build();
  }

  /** With the filter from the service that serves nothing else. */
  private static HttpConnectionManager discovering() {
    ApiConfigSource.Builder api =
        ApiConfigSource.newBuilder()
            .setApiType(ApiConfigSource.ApiType.GRPC)
            .setTransportApiVersion(ApiVersion.V3);
    api.addGrpcServicesBuilder().getEnvoyGrpcBuilder().setClusterName("control");
    HttpFilter.Builder filter = HttpFilter.newBuilder().setName(FILTER);
    filter
        .getConfigDiscoveryBuilder()
        .addTypeUrls(Any.pack(Transaction.getDefaultInstance()).getTypeUrl())
        .getConfigSourceBuilder()
        .setApiConfigSource(api);
    return http("r").toBuilder().addHttpFilters(0, filter).build();
  }

  private static Listener listener(HttpConnectionManager http) {
    return Resources.listener("l", http).toBuilder()
        .setTrafficDirection(TrafficDirection.INBOUND)
        .build();
  }

  private static RouteConfiguration withPolicy(TransactionPerRoute policy) {
    RouteConfiguration.Builder routes = routes("r", "a").toBuilder();
    routes
        .getVirtualHostsBuilder(0)
        .getRoutesBuilder(0)
        .putTypedPerFilterConfig(FILTER, Any.pack(policy));
    return routes.build();
  }

  private void serve(Listener listener, RouteConfiguration routes) {
    control.serve(
        Snapshot.create(
            List.of(cluster("a")),
            List.of(endpoints("a", one.port())),
            List.of(listener),
            List.of(routes),
            List.of(),
            "v" + version++));
  }

  private int started(String type) {
    LiveSidecar sidecar =
        LiveSidecar.of(
            LiveSidecar.bootstrap(control, type)
                + """
                  - name: service
                    type: STATIC
                    load_assignment:
                      cluster_name: service
                      endpoints:
                      - lb_endpoints:
                        - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %s } } }
                bootstrap_extensions:
                - name: handfast.transaction_manager
                  typed_config:
                    "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
                    service_name: shop
                    store: { journal: { directory: %s } }
                    control: { address: 127.0.0.1, port: 0, authority: "127.0.0.1:1" }
                    control_trust: PLAINTEXT
                    local_cluster: service
                """
                    .formatted(one.port(), journal));
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return sidecar.port("l").orElseThrow();
  }
}
