package io.handfast.proxy.transaction;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.client.UpstreamClient;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.Field;
import io.handfast.tx.port.LocalService;
import java.time.Duration;
import java.util.Optional;

/**
 * Confirms and cancels branches by requests to the cluster of the local service. Confined to the
 * loop of the engine, which is one of the proxy's event loops.
 */
public final class LocalServiceClient implements LocalService {
  private final Dispatcher loop;
  private final ClusterManager clusters;
  private final UpstreamClient client;
  private final String cluster;

  /**
   * @param loop of the engine
   * @param cluster name of the local service's cluster
   */
  public LocalServiceClient(Dispatcher loop, ClusterManager clusters, String cluster) {
    this.loop = loop;
    this.clusters = clusters;
    this.client = new UpstreamClient(loop, clusters);
    this.cluster = cluster;
  }

  @Override
  public void send(Completion completion, Callback callback) {
    loop.checkInLoop();
    Optional<Cluster> local = clusters.find(cluster);
    if (local.isEmpty()) {
      callback.onNoAnswer("local_cluster: '" + cluster + "' is not configured");
      return;
    }
    RequestHead head = RequestHead.of(completion.getMethod(), cluster, completion.getPath());
    for (Field field : completion.getHeadersList()) {
      head.headers().add(field.getName(), field.getValue());
    }
    client.send(
        local.get(),
        head,
        completion.getBody().toByteArray(),
        Duration.ofMillis(completion.getTimeoutMs()),
        new UpstreamClient.Callback() {
          @Override
          public void onResponse(int status) {
            callback.onAnswer(status);
          }

          @Override
          public void onFailure(String reason) {
            callback.onNoAnswer(reason);
          }
        });
  }
}
