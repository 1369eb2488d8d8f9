package io.handfast.proxy.config.extension;

import java.util.List;

/**
 * What others own in a configuration, and how it is parsed: one line per filter, given in by the
 * composition root. Immutable.
 *
 * @param networkFilters by the message of their {@code typed_config}; the HTTP connection manager
 *     needs no parser
 * @param httpFilters by the message of their {@code typed_config}
 * @param clusterMetadata by key
 * @param bootstrapExtensions by message
 * @param checks run on every snapshot before it is accepted
 * @param accessLogFormats looks at every format, and at values of headers
 */
public record Extensions(
    List<NetworkFilterParser> networkFilters,
    List<HttpFilterParser> httpFilters,
    List<ClusterMetadataParser> clusterMetadata,
    List<BootstrapExtensionParser> bootstrapExtensions,
    List<SnapshotCheck> checks,
    AccessLogFormatCheck accessLogFormats) {

  public Extensions {
    networkFilters = List.copyOf(networkFilters);
    httpFilters = List.copyOf(httpFilters);
    clusterMetadata = List.copyOf(clusterMetadata);
    bootstrapExtensions = List.copyOf(bootstrapExtensions);
    checks = List.copyOf(checks);
  }
}
