package io.handfast.xds.tree;

import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.resource.ResourceName;

/**
 * That a resource names another one.
 *
 * @param target what is named
 * @param source where it comes from, as it stands in the resource
 */
public record Reference(ResourceName target, ConfigSource source) {}
