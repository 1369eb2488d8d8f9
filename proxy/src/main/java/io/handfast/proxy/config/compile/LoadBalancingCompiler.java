package io.handfast.proxy.config.compile;

import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.extensions.load_balancing_policies.common.v3.LocalityLbConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.random.v3.Random;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.type.v3.Percent;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LoadBalancing.Policy;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.xds.resource.Offered;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code lb_policy} or {@code load_balancing_policy} of a cluster, and what goes with them. */
final class LoadBalancingCompiler {

  private LoadBalancingCompiler() {}

  /** A policy, and whether it chooses a locality first. */
  private record Choice(Policy policy, boolean byLocality) {
    static final Choice DEFAULT = new Choice(LoadBalancing.DEFAULTS.policy(), false);
  }

  static LoadBalancing compile(Cluster proto, Compilation compilation, Scope scope) {
    Choice choice = choice(proto, compilation, scope);
    Optional<Offered<ClusterLoadAssignment>> endpoints =
        ClusterCompiler.endpoints(proto, compilation);
    ClusterLoadAssignment.Policy assignment =
        endpoints.map(Offered::message).orElse(proto.getLoadAssignment()).getPolicy();
    Scope here =
        endpoints
            .map(offered -> new Scope(offered.path(), scope.errors()))
            .orElse(scope.field("load_assignment"))
            .field("policy");
    int drops = EndpointCompiler.dropsPerMillion(assignment, here);
    int factor =
        assignment.hasOverprovisioningFactor()
            ? Scope.clamped(assignment.getOverprovisioningFactor().getValue())
            : LoadBalancing.DEFAULT_OVERPROVISIONING_FACTOR;
    LoadBalancing compiled =
        here.build(() ->
            new LoadBalancing(
                choice.policy(),
                panicThreshold(proto, scope),
                factor,
                choice.byLocality(),
                assignment.getWeightedPriorityHealth(),
                drops));
    return compiled == null ? LoadBalancing.DEFAULTS : compiled;
  }

  /** Rounded, as in Envoy. */
  private static int panicThreshold(Cluster proto, Scope scope) {
    if (!proto.getCommonLbConfig().hasHealthyPanicThreshold()) {
      return LoadBalancing.DEFAULT_HEALTHY_PANIC_THRESHOLD;
    }
    Percent percent = proto.getCommonLbConfig().getHealthyPanicThreshold();
    if (!(percent.getValue() >= 0 && percent.getValue() <= 100)) {
      scope
          .field("common_lb_config")
          .field("healthy_panic_threshold")
          .field("value")
          .error(percent.getValue(), "0 to 100");
      return LoadBalancing.DEFAULT_HEALTHY_PANIC_THRESHOLD;
    }
    return (int) Math.round(percent.getValue());
  }

  private static Choice choice(Cluster proto, Compilation compilation, Scope scope) {
    if (proto.hasLoadBalancingPolicy() && proto.getType() != Cluster.DiscoveryType.ORIGINAL_DST) {
      refuseProvided(proto, scope);
      Scope here = scope.field("load_balancing_policy");
      if (proto.getLoadBalancingPolicy().getPoliciesCount() == 0) {
        here.field("policies").error("[] (expected: at least one)");
      }
      Choice found = typed(proto.getLoadBalancingPolicy(), compilation, here);
      return found == null ? Choice.DEFAULT : found;
    }
    return new Choice(
        policy(proto, scope), proto.getCommonLbConfig().hasLocalityWeightedLbConfig());
  }

  private static Policy policy(Cluster proto, Scope scope) {
    if (proto.getType() == Cluster.DiscoveryType.ORIGINAL_DST) {
      if (proto.getLbPolicy() != Cluster.LbPolicy.CLUSTER_PROVIDED
          || proto.hasLoadBalancingPolicy()) {
        scope.field("lb_policy").error(proto.getLbPolicy(), "CLUSTER_PROVIDED, for ORIGINAL_DST");
      }
      return originalDestination(proto, scope);
    }
    refuseProvided(proto, scope);
    return switch (proto.getLbPolicy()) {
      case LEAST_REQUEST -> {
        Cluster.LeastRequestLbConfig least = proto.getLeastRequestLbConfig();
        yield leastRequest(
            least.hasChoiceCount(),
            least.getChoiceCount(),
            least.hasActiveRequestBias(),
            least.getActiveRequestBias(),
            scope.field("least_request_lb_config"));
      }
      case RANDOM -> new Policy.Random();
      case LOAD_BALANCING_POLICY_CONFIG -> {
        scope
            .field("load_balancing_policy")
            .error("missing (expected: set, as lb_policy says that it is)");
        yield LoadBalancing.DEFAULTS.policy();
      }
      case ROUND_ROBIN, RING_HASH, MAGLEV, CLUSTER_PROVIDED, UNRECOGNIZED ->
          new Policy.RoundRobin();
    };
  }

  private static void refuseProvided(Cluster proto, Scope scope) {
    if (proto.getLbPolicy() == Cluster.LbPolicy.CLUSTER_PROVIDED) {
      scope
          .field("lb_policy")
          .error(proto.getLbPolicy(), "another; only the type ORIGINAL_DST provides one");
    }
  }

  private static Policy originalDestination(Cluster proto, Scope scope) {
    Cluster.OriginalDstLbConfig config = proto.getOriginalDstLbConfig();
    Scope here = scope.field("original_dst_lb_config");
    if (config.hasUpstreamPortOverride() && config.getUpstreamPortOverride().getValue() == 0) {
      here.field("upstream_port_override").error(0, "1 to 65535");
    }
    String name =
        config.getHttpHeaderName().isEmpty()
            ? Policy.OriginalDestination.DEFAULT_HEADER
            : config.getHttpHeaderName().toLowerCase(Locale.ROOT);
    Duration cleanup =
        scope
            .field("cleanup_interval")
            .duration(
                proto.hasCleanupInterval(),
                proto.getCleanupInterval(),
                Policy.OriginalDestination.DEFAULT_CLEANUP_INTERVAL);
    Policy policy =
        here.build(() ->
            new Policy.OriginalDestination(
                config.getUseHttpHeader() ? name : "",
                config.getUpstreamPortOverride().getValue(),
                cleanup.isZero() // the proto's own constraint has told
                    ? Policy.OriginalDestination.DEFAULT_CLEANUP_INTERVAL
                    : cleanup));
    return policy == null ? LoadBalancing.DEFAULTS.policy() : policy;
  }

  /** The first that is known; the table refuses those that nobody knows. */
  private static @Nullable Choice typed(
      LoadBalancingPolicy proto, Compilation compilation, Scope scope) {
    Choice found = null;
    for (int i = 0; i < proto.getPoliciesCount(); i++) {
      Scope here = scope.field("policies", i).field("typed_extension_config").field("typed_config");
      Message message =
          compilation
              .unpack(proto.getPolicies(i).getTypedExtensionConfig().getTypedConfig(), here)
              .orElse(null);
      Choice choice =
          switch (message) {
            case null -> null;
            case RoundRobin round ->
                new Choice(new Policy.RoundRobin(), byLocality(round.getLocalityLbConfig()));
            case Random random ->
                new Choice(new Policy.Random(), byLocality(random.getLocalityLbConfig()));
            case LeastRequest least ->
                new Choice(
                    leastRequest(
                        least.hasChoiceCount(),
                        least.getChoiceCount(),
                        least.hasActiveRequestBias(),
                        least.getActiveRequestBias(),
                        here),
                    byLocality(least.getLocalityLbConfig()));
            default -> {
              here.error(
                  message.getDescriptorForType().getFullName(),
                  "a RoundRobin, Random or LeastRequest");
              yield null;
            }
          };
      if (found == null) {
        found = choice;
      }
    }
    return found;
  }

  private static boolean byLocality(LocalityLbConfig proto) {
    return proto.hasLocalityWeightedLbConfig();
  }

  private static Policy leastRequest(
      boolean hasCount, UInt32Value count, boolean hasBias, RuntimeDouble bias, Scope scope) {
    Policy policy =
        scope.build(() ->
            new Policy.LeastRequest(
                hasCount
                    ? Scope.clamped(count.getValue())
                    : Policy.LeastRequest.DEFAULT_CHOICE_COUNT,
                hasBias
                    ? bias.getDefaultValue()
                    : Policy.LeastRequest.DEFAULT_ACTIVE_REQUEST_BIAS));
    return policy == null ? LoadBalancing.DEFAULTS.policy() : policy;
  }
}
