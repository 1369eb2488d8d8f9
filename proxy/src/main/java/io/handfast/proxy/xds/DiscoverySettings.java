package io.handfast.proxy.xds;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.DynamicResources;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.stream.ClusterChannels;
import io.handfast.xds.stream.XdsSource;
import io.handfast.xds.tree.ResourceTree.Root;
import io.handfast.xds.tree.ResourceTree.Roots;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code dynamic_resources} of a bootstrap.
 *
 * @param aggregated {@code ads_config}
 * @param roots what is asked for without being named
 */
public record DiscoverySettings(Optional<XdsSource> aggregated, Roots roots) {

  private static final String PATH = "dynamic_resources";

  /**
   * Reads them. Reads files too, so not for an event loop.
   *
   * @param channels ways to the static clusters
   * @param errors takes what is wrong
   */
  public static DiscoverySettings compile(
      Bootstrap process, ClusterChannels channels, ConfigErrors errors) {
    DynamicResources proto = process.getDynamicResources();
    Optional<XdsSource> aggregated =
        proto.hasAdsConfig()
            ? XdsSource.aggregated(proto.getAdsConfig(), PATH + ".ads_config", channels, errors)
            : Optional.empty();
    Map<ResourceType<?>, Root> roots = new HashMap<>();
    if (proto.hasCdsConfig()) {
      roots.put(ResourceType.CLUSTER, all(proto.getCdsConfig()));
      check(proto.getCdsConfig(), ResourceType.CLUSTER, "cds_config", proto, channels, errors);
    }
    if (proto.hasLdsConfig()) {
      roots.put(ResourceType.LISTENER, all(proto.getLdsConfig()));
      check(proto.getLdsConfig(), ResourceType.LISTENER, "lds_config", proto, channels, errors);
    }
    return new DiscoverySettings(aggregated, new Roots(roots));
  }

  private static Root all(ConfigSource source) {
    return new Root(source, Set.of(StreamMachine.WILDCARD));
  }

  private static void check(
      ConfigSource source,
      ResourceType<?> type,
      String field,
      DynamicResources proto,
      ClusterChannels channels,
      ConfigErrors errors) {
    String path = PATH + "." + field;
    switch (source.getConfigSourceSpecifierCase()) {
      case ADS -> {
        if (!proto.hasAdsConfig()) {
          errors.add(
              path + ".ads", "there is no stream for it (expected: " + PATH + ".ads_config)");
        }
      }
      case API_CONFIG_SOURCE ->
          XdsSource.ofType(
              source.getApiConfigSource(), type, path + ".api_config_source", channels, errors);
      case PATH_CONFIG_SOURCE -> {} // a file that is not there yet may come
      case PATH, SELF, CONFIGSOURCESPECIFIER_NOT_SET ->
          errors.add(path, "no source (expected: ads, api_config_source or path_config_source)");
    }
  }
}
