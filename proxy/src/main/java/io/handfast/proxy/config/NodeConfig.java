package io.handfast.proxy.config;

/**
 * Who this proxy is ({@code envoy.config.core.v3.Node}, with {@code --service-node} and {@code
 * --service-cluster} laid over it).
 *
 * @param id unique per proxy; may be empty
 * @param cluster the service this proxy stands beside; may be empty
 * @param region of the locality, may be empty
 * @param zone of the locality, may be empty
 * @param subZone of the locality, may be empty
 */
public record NodeConfig(String id, String cluster, String region, String zone, String subZone) {}
