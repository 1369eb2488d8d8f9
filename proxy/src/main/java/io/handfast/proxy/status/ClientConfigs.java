package io.handfast.proxy.status;

import com.google.protobuf.Any;
import com.google.protobuf.util.Timestamps;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.status.ResourceStatus;
import java.util.List;

/**
 * {@code envoy.service.status.v3.ClientConfig}, as gRPC's clients fill it: every resource that was
 * asked for or has come, with its state, without secrets. Stateless.
 */
public final class ClientConfigs {

  private ClientConfigs() {}

  /**
   * All of them.
   *
   * @param node as control planes know this process
   * @param types messages that may stand in an {@code Any}
   */
  public static ClientConfig of(Node node, List<ResourceStatus> statuses, TypeRegistry types) {
    ClientConfig.Builder config = ClientConfig.newBuilder().setNode(node);
    statuses.forEach(status -> config.addGenericXdsConfigs(generic(status, types)));
    return config.build();
  }

  private static GenericXdsConfig generic(ResourceStatus status, TypeRegistry types) {
    GenericXdsConfig.Builder generic =
        GenericXdsConfig.newBuilder()
            .setTypeUrl(status.name().type().typeUrl())
            .setName(status.name().name())
            .setClientStatus(status.state());
    status
        .accepted()
        .ifPresent(accepted ->
            generic
                .setVersionInfo(accepted.version())
                .setLastUpdated(Timestamps.fromMillis(accepted.updatedMillis()))
                .setXdsConfig(Any.pack(Redaction.redact(accepted.message(), types))));
    status.failure().ifPresent(why -> generic.setErrorState(Failures.of(why, types)));
    return generic.build();
  }
}
