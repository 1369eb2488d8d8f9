package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import io.handfast.xds.store.ResourceSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an earlier life of this process was configured with, in the place of control planes that do
 * not answer. It is as if another server had told it before: what a server tells now replaces it,
 * and what its first response leaves out is deleted. Confined to its tree.
 */
final class StandIns {

  private static final Logger log = LoggerFactory.getLogger(StandIns.class);

  private final Holdings holdings;
  private final ResourceTree.Roots roots;

  /** Types that are always told of as a whole, and were not yet. */
  private final Set<ResourceType<?>> untold = new HashSet<>();

  StandIns(Holdings holdings, ResourceTree.Roots roots) {
    this.holdings = holdings;
    this.roots = roots;
  }

  /**
   * Holds them, but what a server has told of.
   *
   * @param unanswered types that no server has told of as a whole
   */
  void take(
      ResourceSet earlier, ResourceTree.Ports ports, Set<ResourceType<?>> unanswered, long now) {
    untold.addAll(unanswered);
    for (ResourceType<?> type : ResourceType.ALL) {
      for (Offered<? extends Message> offered : earlier.get(type)) {
        ResourceName name =
            new ResourceName(type, XdstpName.normalise(offered.content().name(type)));
        if (!holdings.isMissing(name)) {
          take(name, offered, ports, now);
        }
      }
    }
  }

  private void take(
      ResourceName name, Offered<? extends Message> offered, ResourceTree.Ports ports, long now) {
    List<ConfigError> errors = ports.check().check(name.type(), offered);
    if (!errors.isEmpty()) {
      log.warn("{}: the saved version is not used: {}", name, errors.getFirst());
      return;
    }
    Entry held = holdings.find(name);
    if (held != null && held.isStatic) {
      return;
    }
    holdings.standIn(name, holdings.version(offered, sourceOf(name.type())), now);
    if (held == null && name.type().complete() && !untold.contains(name.type())) {
      // A server has left it out.
      holdings.delete(name, now);
    }
  }

  private ConfigSource sourceOf(ResourceType<?> type) {
    ResourceTree.Root root = roots.byType().get(type);
    return root == null ? ResourceTree.ADS : Interests.sourceOf(root.source(), ResourceTree.ADS);
  }

  /** Whether this is the first that is told of a type, so that what it leaves out goes. */
  boolean told(ResourceType<?> type) {
    return untold.remove(type);
  }

  /** Whether anything is not yet as a server says. */
  boolean remain() {
    return !untold.isEmpty() || holdings.hasStandIns();
  }
}
