package io.handfast.proxy.server;

import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.xds.store.SnapshotListener;
import io.handfast.xds.store.Warmer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Warms the clusters of a snapshot and puts them to use with it. Confined to the main loop, as the
 * store is.
 */
final class ClusterWarmer implements Warmer<ConfigSnapshot>, SnapshotListener<ConfigSnapshot> {

  private final ClusterManager clusters;
  private ClusterManager.@Nullable Prepared prepared;
  private long preparedVersion;

  ClusterWarmer(ClusterManager clusters) {
    this.clusters = clusters;
  }

  @Override
  public CompletionStage<@Nullable Void> warm(ConfigSnapshot next) {
    ClusterManager.Prepared overtaken = prepared;
    if (overtaken != null) {
      clusters.discard(overtaken);
    }
    CompletableFuture<@Nullable Void> warm = new CompletableFuture<>();
    prepared = clusters.prepare(next, () -> warm.complete(null));
    preparedVersion = next.version();
    return warm;
  }

  @Override
  public void published(Optional<ConfigSnapshot> previous, ConfigSnapshot next) {
    ClusterManager.Prepared ready = prepared;
    if (ready == null || preparedVersion != next.version()) {
      throw new IllegalStateException(
          "snapshot " + next.version() + " is published, but " + preparedVersion + " was warmed");
    }
    prepared = null;
    clusters.commit(ready);
  }
}
