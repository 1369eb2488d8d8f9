package io.handfast.proxy.admin;

import io.envoyproxy.envoy.admin.v3.ClusterStatus;
import io.envoyproxy.envoy.admin.v3.Clusters;
import io.envoyproxy.envoy.admin.v3.HostStatus;
import io.envoyproxy.envoy.admin.v3.ListenerStatus;
import io.envoyproxy.envoy.admin.v3.Listeners;
import io.envoyproxy.envoy.admin.v3.SimpleMetric;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import java.util.Comparator;
import java.util.Locale;

/** The text forms of {@code /clusters} and {@code /listeners}, as Envoy writes them. Stateless. */
final class StatusText {

  private StatusText() {}

  /** {@code name::field::value} and {@code name::address::field::value}, line by line. */
  static String clusters(Clusters clusters) {
    StringBuilder out = new StringBuilder();
    for (ClusterStatus cluster : clusters.getClusterStatusesList()) {
      String name = cluster.getName();
      line(out, name, "observability_name", cluster.getObservabilityName());
      for (Thresholds limits : cluster.getCircuitBreakers().getThresholdsList()) {
        String prefix = limits.getPriority().name().toLowerCase(Locale.ROOT) + "_priority::";
        line(out, name, prefix + "max_connections", limits.getMaxConnections().getValue());
        line(out, name, prefix + "max_pending_requests", limits.getMaxPendingRequests().getValue());
        line(out, name, prefix + "max_requests", limits.getMaxRequests().getValue());
        line(out, name, prefix + "max_retries", limits.getMaxRetries().getValue());
      }
      line(out, name, "added_via_api", cluster.getAddedViaApi());
      for (HostStatus host : cluster.getHostStatusesList()) {
        host(out, name + "::" + address(host.getAddress()), host);
      }
    }
    return out.toString();
  }

  private static void host(StringBuilder out, String prefix, HostStatus host) {
    host.getStatsList().stream()
        .sorted(Comparator.comparing(SimpleMetric::getName))
        .forEach(metric -> line(out, prefix, metric.getName(), metric.getValue()));
    boolean healthy = host.getHealthStatus().getEdsHealthStatus() == HealthStatus.HEALTHY;
    line(out, prefix, "hostname", host.getHostname());
    line(out, prefix, "health_flags", healthy ? "healthy" : "/failed_eds_health");
    line(out, prefix, "weight", host.getWeight());
    line(out, prefix, "region", host.getLocality().getRegion());
    line(out, prefix, "zone", host.getLocality().getZone());
    line(out, prefix, "sub_zone", host.getLocality().getSubZone());
    line(out, prefix, "canary", false);
    line(out, prefix, "priority", host.getPriority());
    // Without outlier detection there is no rate.
    line(out, prefix, "success_rate", -1);
    line(out, prefix, "local_origin_success_rate", -1);
  }

  private static void line(StringBuilder out, String prefix, String field, Object value) {
    out.append(prefix).append("::").append(field).append("::").append(value).append('\n');
  }

  /** {@code name::address}, line by line. */
  static String listeners(Listeners listeners) {
    StringBuilder out = new StringBuilder();
    for (ListenerStatus listener : listeners.getListenerStatusesList()) {
      out.append(listener.getName())
          .append("::")
          .append(address(listener.getLocalAddress()))
          .append('\n');
    }
    return out.toString();
  }

  private static String address(Address address) {
    if (address.hasPipe()) {
      return address.getPipe().getPath();
    }
    String host = address.getSocketAddress().getAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host)
        + ":"
        + address.getSocketAddress().getPortValue();
  }
}
