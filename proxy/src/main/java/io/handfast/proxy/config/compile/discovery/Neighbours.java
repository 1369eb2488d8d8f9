package io.handfast.proxy.config.compile.discovery;

import com.google.protobuf.Message;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What one resource is compiled beside. Remembers what it was asked, so that the result can be used
 * again for as long as the answers are the same. Confined to the thread that compiles; once that is
 * done, immutable.
 */
public final class Neighbours {

  /** When a cluster that is named and is not there is an error. */
  public enum ClusterRule {
    /** Always, but for route tables that say otherwise: no cluster can come later. */
    ALWAYS,
    /** Where a route table asks for it: a resource that a control plane offers is looked at. */
    WHERE_ASKED,
    /** Never: requests to it are answered 503 until it comes. */
    NEVER
  }

  private final ResourceSet resources;
  private final ClusterRule rule;
  private final @Nullable StandIn standIn;

  /** Resources that were asked for, be they there or not. */
  private final Set<ResourceName> asked = new HashSet<>();

  /** Clusters of which somebody has asked whether they are there. */
  private final Map<String, Boolean> clusters = new HashMap<>();

  /** Whether somebody has asked when a cluster has to be there. */
  private boolean ruled;

  /** A resource that is looked at as if it were there. */
  private record StandIn(ResourceName name, Offered<?> offered) {
    boolean is(ResourceType<?> type, String text) {
      return name.type().equals(type) && name.name().equals(text);
    }
  }

  /** Of those resources. */
  public Neighbours(ResourceSet resources, ClusterRule rule) {
    this.resources = resources;
    this.rule = rule;
    this.standIn = null;
  }

  /** Of those resources, with that one in the place of the one with its name. */
  public Neighbours(
      ResourceSet resources, ClusterRule rule, ResourceName name, Offered<?> offered) {
    this.resources = resources;
    this.rule = rule;
    this.standIn = new StandIn(name, offered);
  }

  /** The resource of that name, if it is there. */
  public <M extends Message> Optional<Offered<M>> find(ResourceType<M> type, String name) {
    asked.add(new ResourceName(type, name));
    return lookUp(type, name);
  }

  @SuppressWarnings("unchecked") // What stands in is only asked for by its own type.
  private <M extends Message> Optional<Offered<M>> lookUp(ResourceType<M> type, String name) {
    return standIn != null && standIn.is(type, name)
        ? Optional.of((Offered<M>) standIn.offered())
        : resources.find(type, name);
  }

  /** Whether there is a cluster of that name. */
  public boolean hasCluster(String name) {
    return clusters.computeIfAbsent(name, each -> lookUp(ResourceType.CLUSTER, each).isPresent());
  }

  /** Whether a cluster that is named without further words has to be there. */
  public boolean needsClusters() {
    ruled = true;
    return rule == ClusterRule.ALWAYS;
  }

  /** Whether one has to be there where somebody asks that it be looked for. */
  public boolean needsClustersWhereAsked() {
    ruled = true;
    return rule != ClusterRule.NEVER;
  }

  /** All clusters, for hints. */
  public Set<String> clusterNames() {
    Set<String> names =
        resources.get(ResourceType.CLUSTER).stream()
            .map(each -> each.content().name(ResourceType.CLUSTER))
            .collect(Collectors.toSet());
    if (standIn != null && standIn.name().type().equals(ResourceType.CLUSTER)) {
      names.add(standIn.name().name());
    }
    return names;
  }

  /** Whether that resource was asked for. */
  boolean asked(ResourceName name) {
    return asked.contains(name);
  }

  /** Resources that were asked for. */
  Set<ResourceName> asked() {
    return asked;
  }

  /** Whether the answers would be the same by that rule. */
  boolean hold(ClusterRule other) {
    return rule == other || !ruled;
  }

  /** Whether no resource was asked for. */
  boolean areAlone() {
    return asked.isEmpty() && clusters.isEmpty();
  }

  /** Whether every answer would be the same after those changes. */
  boolean areUntouchedBy(Changes changes) {
    return Collections.disjoint(asked, changes.names()) && haveClustersAfter(changes);
  }

  /** Whether every cluster that was asked for is there, or not there, as it was. */
  boolean haveClustersAfter(Changes changes) {
    return changes.clusters().isEmpty()
        || Collections.disjoint(clusters.keySet(), changes.clusters());
  }
}
