package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LoadBalancing.Policy;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.config.LocalityEndpoints.Locality;
import io.handfast.proxy.config.NetworkAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Load balancing of a configuration that is accepted, as records. */
final class AcceptedBalancingTest {

  @Test
  void shouldHonourEveryFieldOfEndpoints() {
    // Given
    String yaml =
        withEndpoints(
            "",
            """
            policy: { overprovisioning_factor: 200 }
            endpoints:
            - priority: 1
              lb_endpoints:
              - { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } }, load_balancing_weight: 7, health_status: DRAINING }
              - { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 2 } }, hostname: h }, health_status: DEGRADED }
            - lb_endpoints:
              - { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 3 } } } }
            """);

    // When
    ClusterConfig cluster = Bootstraps.accept(yaml).clusters().getFirst();

    // Then
    assertThat(cluster.loadBalancing())
        .isEqualTo(new LoadBalancing(new Policy.RoundRobin(), 50, 200, false));
    assertThat(cluster.localities())
        .containsExactly(
            new LocalityEndpoints(
                Locality.NONE,
                1,
                0,
                List.of(
                    endpoint(1, "", 7, EndpointHealth.DRAINING),
                    endpoint(2, "h", 1, EndpointHealth.DEGRADED))),
            new LocalityEndpoints(
                Locality.NONE, 0, 0, List.of(endpoint(3, "", 1, EndpointHealth.UNKNOWN))));
  }

  @ParameterizedTest
  @CsvSource({
    "'{ numerator: 5 }',50000",
    "'{ numerator: 5, denominator: TEN_THOUSAND }',500",
    "'{ numerator: 1000000, denominator: MILLION }',1000000",
    "'{ numerator: 0 }',0",
  })
  void shouldHonourWhatIsDropped(String percentage, int perMillion) {
    // Given
    String yaml =
        Bootstraps.BASE.replace(
            "cluster_name: service",
            "cluster_name: service\n      policy: { weighted_priority_health: true,"
                + " drop_overloads: [{ category: x, drop_percentage: %s }] }"
                    .formatted(percentage));

    // When
    ClusterConfig cluster = Bootstraps.accept(yaml).clusters().getFirst();

    // Then
    assertThat(cluster.loadBalancing())
        .isEqualTo(new LoadBalancing(new Policy.RoundRobin(), 50, 140, false, true, perMillion));
  }

  @Test
  void shouldHonourLeastRequestAndThePanicThreshold() {
    // Given
    String yaml =
        withEndpoints(
            """
            type: LOGICAL_DNS
            lb_policy: LEAST_REQUEST
            least_request_lb_config: { choice_count: 3, active_request_bias: { default_value: 0.5, runtime_key: k } }
            common_lb_config: { healthy_panic_threshold: { value: 12.6 } }
            """,
            "endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: h.local, port_value: 3 } } } }] }]");

    // When
    ClusterConfig cluster =
        Bootstraps.accept(
                yaml,
                Bootstraps.CLUSTER + ".least_request_lb_config.active_request_bias.runtime_key")
            .clusters()
            .getFirst();

    // Then
    assertThat(cluster.type()).isEqualTo(DiscoveryType.LOGICAL_DNS);
    assertThat(cluster.loadBalancing())
        .isEqualTo(new LoadBalancing(new Policy.LeastRequest(3, 0.5), 13, 140, false));
  }

  @Test
  void shouldRefuseLogicalDnsOfSeveralNames() {
    // Given
    String name = "{ endpoint: { address: { socket_address: { address: h%d, port_value: 3 } } } }";
    String yaml =
        withEndpoints(
            "type: LOGICAL_DNS",
            "endpoints: [{ lb_endpoints: ["
                + name.formatted(1)
                + "] }, { lb_endpoints: ["
                + name.formatted(2)
                + "] }]");

    // Then
    assertThat(Bootstraps.validate(yaml).errors())
        .extracting(Object::toString)
        .containsExactly(
            Bootstraps.CLUSTER
                + ".load_assignment.endpoints: not one endpoint (expected: one, for LOGICAL_DNS)");
  }

  @ParameterizedTest
  @CsvSource({
    "round_robin.v3.RoundRobin,RoundRobin[]",
    "random.v3.Random,Random[]",
    "least_request.v3.LeastRequest,'LeastRequest[choiceCount=2, activeRequestBias=1.0]'",
  })
  void shouldHonourTypedPoliciesBeforePlainOnes(String type, String policy) {
    // Given
    String yaml =
        Bootstraps.with(
            "CLUSTER",
            """
            lb_policy: RANDOM
            load_balancing_policy: { policies: [{ typed_extension_config: { name: x, typed_config: { "@type": a/envoy.extensions.load_balancing_policies.%s } } }] }
            """
                .formatted(type));

    // Then
    assertThat(Bootstraps.accept(yaml).clusters().getFirst().loadBalancing().policy())
        .hasToString(policy);
  }

  @Test
  void shouldHonourWeightsOfLocalities() {
    // Given: none for want of a locality, and the last for one that stands there twice
    String group =
        "- { %s load_balancing_weight: %d, lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %d } } } }] }\n";
    String yaml =
        withEndpoints(
            "common_lb_config: { locality_weighted_lb_config: {} }",
            "endpoints:\n"
                + group.formatted("", 3, 1)
                + group.formatted("locality: { zone: a },", 1, 2)
                + group.formatted("locality: { zone: a },", 4, 3)
                + group.formatted("locality: { zone: a }, priority: 1,", 5, 4));

    // When
    ClusterConfig cluster = Bootstraps.accept(yaml).clusters().getFirst();

    // Then
    assertThat(cluster.loadBalancing().byLocality()).isTrue();
    assertThat(cluster.localities())
        .extracting(LocalityEndpoints::weight)
        .containsExactly(0L, 4L, 4L, 5L);
  }

  @ParameterizedTest
  @CsvSource({"round_robin.v3.RoundRobin", "random.v3.Random", "least_request.v3.LeastRequest"})
  void shouldHonourWeightsOfLocalitiesOfTypedPolicies(String type) {
    // Given
    String yaml =
        Bootstraps.with(
            "CLUSTER",
            """
            load_balancing_policy: { policies: [{ typed_extension_config: { name: x, typed_config: { "@type": a/envoy.extensions.load_balancing_policies.%s, locality_lb_config: { locality_weighted_lb_config: {} } } } }] }
            """
                .formatted(type));

    // Then
    assertThat(Bootstraps.accept(yaml).clusters().getFirst().loadBalancing().byLocality()).isTrue();
  }

  @Test
  void shouldRefuseWeightsOfLocalitiesThatAreTooManyTogether() {
    // Given
    String group =
        "- { locality: { zone: z%d }, load_balancing_weight: %d, lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %d } } } }] }\n";
    String yaml =
        withEndpoints(
            "", "endpoints:\n" + group.formatted(1, 4294967295L, 1) + group.formatted(2, 1, 2));

    // Then
    assertThat(Bootstraps.validate(yaml).errors())
        .extracting(Object::toString)
        .containsExactly(
            Bootstraps.CLUSTER
                + ".load_assignment.endpoints: load_balancing_weight sum 4294967296 of priority 0 (expected: 0 to 4294967295)");
  }

  private static Endpoint endpoint(int port, String name, int weight, EndpointHealth health) {
    return new Endpoint(new NetworkAddress.Tcp("127.0.0.1", port), name, weight, health);
  }

  private static String withEndpoints(String cluster, String assignment) {
    String base = Bootstraps.with("CLUSTER", cluster);
    int at = base.lastIndexOf("  endpoints:\n") + 2;
    String indent = " ".repeat(at - base.lastIndexOf('\n', at) - 1);
    return base.substring(0, base.lastIndexOf('\n', at) + 1) + assignment.indent(indent.length());
  }
}
