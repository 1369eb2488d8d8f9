package io.handfast.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.Tracing;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FieldCheckTest {

  private static final FieldTable TABLE =
      FieldTable.parse(
          """
          envoy.config.cluster.v3.Cluster
            name             honoured
            alt_stat_name    observed
            type             honoured(STATIC|STRICT_DNS)  EDS comes later
            connect_timeout  honoured
            metadata         honoured
            health_checks    refused  not built yet
            transport_socket_matches  honoured
          envoy.config.core.v3.Metadata
            typed_filter_metadata  honoured
          envoy.config.listener.v3.Listener
            address       honoured
            bind_to_port  honoured(true)
          envoy.config.core.v3.Address
            socket_address  honoured
          envoy.config.core.v3.SocketAddress
            address     honoured
            port_value  honoured
          envoy.config.core.v3.HeaderValue
            key    honoured
            value  honoured
          envoy.config.route.v3.RouteConfiguration
            name           honoured
            virtual_hosts  honoured
          envoy.config.route.v3.VirtualHost
            name     honoured
            domains  honoured
            require_tls  honoured
            routes       honoured
          envoy.config.route.v3.Route
            name         honoured
            stat_prefix  observed
            tracing      refused
            match        honoured
            non_forwarding_action  honoured
          envoy.config.route.v3.RouteMatch
            prefix  honoured
          envoy.config.route.v3.NonForwardingAction
          envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
            stat_prefix             honoured
            route_config            honoured
            codec_type              honoured
            max_request_headers_kb  honoured
          """);
  private static final TypeRegistry TYPES =
      TypeRegistry.of(
          List.of(
              Cluster.getDefaultInstance(),
              VirtualHost.getDefaultInstance(),
              io.envoyproxy.envoy.config.core.v3.Node.getDefaultInstance()));

  private final ConfigErrors errors = new ConfigErrors();
  private final FieldCheck check = new FieldCheck(TABLE, TYPES, errors);

  @Test
  void shouldSayNothingWhenAllIsHonoured() {
    // When
    check.check(
        Cluster.newBuilder().setName("c").setConnectTimeout(Durations.fromSeconds(1)).build(), "c");

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(check.observed()).isEmpty();
  }

  @Test
  void shouldRefuseAFieldWhenTheTableRefusesItOrDoesNotKnowIt() {
    // When
    check.check(
        Cluster.newBuilder()
            .setName("c")
            .setWaitForWarmOnInit(BoolValue.of(true))
            .addHealthChecks(io.envoyproxy.envoy.config.core.v3.HealthCheck.getDefaultInstance())
            .build(),
        "clusters[0]");

    // Then
    expect(
        "clusters[0].health_checks: is not supported and would change traffic (expected: not set; not built yet)",
        "clusters[0].wait_for_warm_on_init: is not supported and would change traffic (expected: not set)");
  }

  @Test
  void shouldOnlyListAFieldWhenItObserves() {
    // When
    check.check(Cluster.newBuilder().setName("c").setAltStatName("x").build(), "");

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(check.observed()).containsExactly("alt_stat_name");
  }

  @Test
  void shouldTellOfARouteAtEachPlaceThatItHas() {
    // Given
    Set<Route> passed = new HashSet<>();
    Route good = route().setName("good").build();
    Route watched = route().setStatPrefix("x").build();
    Route bad = route().setTracing(Tracing.getDefaultInstance()).build();
    new FieldCheck(TABLE, TYPES, new ConfigErrors(), passed).check(host(good, bad, watched), "old");
    FieldCheck again = new FieldCheck(TABLE, TYPES, errors, passed);

    // When
    again.check(host(watched, good, good, bad), "new");

    // Then
    assertThat(passed).containsExactly(good);
    assertThat(again.observed()).containsExactly("new.routes[0].stat_prefix");
    expect("new.routes[3].tracing: is not supported and would change traffic (expected: not set)");
  }

  @Test
  void shouldNotLookAtARouteAgainWhenItHasPassed() {
    // Given
    Route known = route().setTracing(Tracing.getDefaultInstance()).build();

    // When
    new FieldCheck(TABLE, TYPES, errors, new HashSet<>(Set.of(known))).check(host(known), "");

    // Then
    assertThat(errors.list()).isEmpty();
  }

  /** A table comes whole for one route of it. */
  @Test
  void shouldReadNoRouteOfATableAgainWhenAllArePlain() {
    // Given
    int routes = 100;
    String prefix = "/" + "x".repeat(2_000);
    Route[] plain = new Route[routes];
    for (int i = 0; i < routes; i++) {
      Route.Builder each = route();
      each.getMatchBuilder().setPrefix(prefix + i);
      plain[i] = each.build();
    }
    RouteConfiguration routesOfAHost =
        RouteConfiguration.newBuilder().setName("t").addVirtualHosts(host(plain)).build();
    Set<Route> passed = new HashSet<>();
    Runnable once =
        () -> new FieldCheck(TABLE, TYPES, errors, passed).check(routesOfAHost, "routes[t]");

    // When
    once.run();

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(passed).containsExactlyInAnyOrder(plain);
    assertThat(Allocations.of(once)).isLessThan((long) routes * prefix.length() / 2);
  }

  private static VirtualHost host(Route... routes) {
    return VirtualHost.newBuilder()
        .setName("v")
        .addDomains("*")
        .addAllRoutes(List.of(routes))
        .build();
  }

  private static Route.Builder route() {
    Route.Builder route = Route.newBuilder();
    route.getMatchBuilder().setPrefix("/");
    route.getNonForwardingActionBuilder();
    return route;
  }

  @Test
  void shouldRefuseAValueWhenOnlyOthersAreHonoured() {
    // When
    check.check(Cluster.newBuilder().setName("c").setType(Cluster.DiscoveryType.EDS).build(), "c");
    check.check(
        Listener.newBuilder()
            .setAddress(
                Address.newBuilder()
                    .setSocketAddress(SocketAddress.newBuilder().setAddress("::").setPortValue(1)))
            .setBindToPort(BoolValue.of(false))
            .build(),
        "l");

    // Then
    expect(
        "c.type: EDS (expected: one of [STATIC, STRICT_DNS]; EDS comes later)",
        "l.bind_to_port: false (expected: one of [true])");
  }

  @Test
  void shouldWalkIntoAnAny() {
    // When
    check.check(
        metadata(
            Any.pack(
                Cluster.newBuilder()
                    .setWaitForWarmOnInit(BoolValue.of(true))
                    .setName("in")
                    .build())),
        "m");

    // Then
    expect(
        "m.metadata.typed_filter_metadata[\"k\"].wait_for_warm_on_init: is not supported and would change traffic (expected: not set)");
  }

  @Test
  void shouldRefuseAnAnyWhenItsTypeIsUnknownOrUnlistedOrBroken() {
    // When
    check.check(metadata(Any.pack(Struct.getDefaultInstance())), "a");
    check.check(
        metadata(Any.pack(io.envoyproxy.envoy.config.core.v3.Node.newBuilder().setId("x").build())),
        "b");
    check.check(
        metadata(
            Any.newBuilder()
                .setTypeUrl("x/envoy.config.cluster.v3.Cluster")
                .setValue(ByteString.copyFromUtf8("\1"))
                .build()),
        "c");
    check.check(metadata(Any.getDefaultInstance()), "d");

    // Then
    assertThat(errors.list())
        .extracting(ConfigError::toString)
        .satisfiesExactly(
            a ->
                assertThat(a)
                    .startsWith(
                        "a.metadata.typed_filter_metadata[\"k\"]: type.googleapis.com/google.protobuf.Struct is not known here"),
            b ->
                assertThat(b)
                    .isEqualTo(
                        "b.metadata.typed_filter_metadata[\"k\"]: envoy.config.core.v3.Node is not supported (expected: a type of docs/CONFIG.md)"),
            c ->
                assertThat(c)
                    .startsWith(
                        "c.metadata.typed_filter_metadata[\"k\"]: x/envoy.config.cluster.v3.Cluster (expected: a valid encoding"),
            d ->
                assertThat(d)
                    .startsWith(
                        "d.metadata.typed_filter_metadata[\"k\"]: no type (expected: '@type'"));
  }

  @Test
  void shouldRefuseFieldsOfANewerVersion() {
    // When
    check.check(
        Cluster.newBuilder()
            .setName("c")
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(9999, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                    .build())
            .build(),
        "c");

    // Then
    expect("c: unknown field numbers [9999] (expected: fields of envoy.config.cluster.v3.Cluster)");
  }

  @Test
  void shouldHoldHonouredFieldsAgainstEnvoysOwnConstraints() {
    // When
    check.check(Cluster.newBuilder().setConnectTimeout(Durations.fromSeconds(-1)).build(), "c");
    check.check(Listener.newBuilder().setAddress(Address.getDefaultInstance()).build(), "l");
    check.check(
        Address.newBuilder()
            .setSocketAddress(SocketAddress.newBuilder().setAddress("h").setPortValue(70_000))
            .build(),
        "a");
    check.check(HeaderValue.newBuilder().setKey("k\n").setValue("x".repeat(16_385)).build(), "h");
    check.check(
        VirtualHost.newBuilder().setName("v").addDomains("a\nb").setRequireTlsValue(9).build(),
        "v");
    check.check(VirtualHost.newBuilder().setName("v").build(), "w");
    check.check(
        HttpConnectionManager.newBuilder()
            .setStatPrefix("s")
            .setMaxRequestHeadersKb(UInt32Value.of(0))
            .build(),
        "m");

    // Then
    expect(
        "c.name: '' (expected: a non-empty string)",
        "c.connect_timeout: -1s (expected: > 0s)",
        "l.address.address: missing (expected: one of socket_address)",
        "a.socket_address.port_value: 70000 (expected: <= 65535)",
        "h.key: a control character in it (expected: none)",
        "h.value: 16385 bytes (expected: at most 16384)",
        "v.domains[0]: a control character in it (expected: none)",
        "v.require_tls: 9 (expected: one of [NONE, EXTERNAL_ONLY, ALL])",
        "w.domains: 0 entries (expected: at least 1)",
        "m.route_specifier: missing (expected: one of route_config)",
        "m.max_request_headers_kb: 0 (expected: > 0)");
  }

  @Test
  void shouldKeepOnlyTheFirstErrorOfAFieldAndABoundedNumberOfAll() {
    // When
    errors.add("a", "first");
    errors.add("a", "second");
    for (int i = 0; i < 2 * ConfigErrors.MAX_ERRORS; i++) {
      errors.add("b" + i, "x");
    }

    // Then
    assertThat(errors.list())
        .hasSize(ConfigErrors.MAX_ERRORS)
        .startsWith(new ConfigError("a", "first"));
  }

  private static Message metadata(Any any) {
    return Cluster.newBuilder()
        .setName("c")
        .setMetadata(Metadata.newBuilder().putTypedFilterMetadata("k", any))
        .build();
  }

  private void expect(String... expected) {
    assertThat(errors.list()).extracting(ConfigError::toString).containsExactlyInAnyOrder(expected);
  }
}
