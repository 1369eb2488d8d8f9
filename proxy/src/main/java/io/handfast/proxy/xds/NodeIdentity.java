package io.handfast.proxy.xds;

import io.envoyproxy.envoy.config.core.v3.Node;

/** Who control planes are told is asking. */
public final class NodeIdentity {
  private static final String AGENT = "handfast";

  /** Resources may come in their envelope in state-of-the-world responses too, with a TTL. */
  private static final String WRAPPED = "xds.config.resource-in-sotw";

  private NodeIdentity() {}

  /**
   * The node of a bootstrap, and what it cannot know.
   *
   * @param version of this program
   */
  public static Node of(Node configured, String version) {
    Node.Builder node = configured.toBuilder().setUserAgentName(AGENT).setUserAgentVersion(version);
    if (!node.getClientFeaturesList().contains(WRAPPED)) {
      node.addClientFeatures(WRAPPED);
    }
    return node.build();
  }
}
