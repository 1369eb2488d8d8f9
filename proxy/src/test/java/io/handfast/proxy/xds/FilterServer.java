package io.handfast.proxy.xds;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.extension.v3.ExtensionConfigDiscoveryServiceGrpc.ExtensionConfigDiscoveryServiceImplBase;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One HTTP filter, state of the world, as its newest version. Thread-safe. */
final class FilterServer extends ExtensionConfigDiscoveryServiceImplBase {
  private final List<String> refusals;
  private final Set<StreamObserver<DiscoveryResponse>> asking = new HashSet<>();
  private Optional<TypedExtensionConfig> filter = Optional.empty();
  private int version;

  /**
   * @param refusals takes what clients say to what they refuse
   */
  FilterServer(List<String> refusals) {
    this.refusals = refusals;
  }

  synchronized void serve(TypedExtensionConfig newest) {
    filter = Optional.of(newest);
    version++;
    asking.forEach(this::tell);
  }

  private void tell(StreamObserver<DiscoveryResponse> client) {
    filter.ifPresent(it ->
        client.onNext(
            DiscoveryResponse.newBuilder()
                .setTypeUrl(Any.pack(it).getTypeUrl())
                .setVersionInfo("" + version)
                .setNonce("" + version)
                .addResources(Any.pack(it))
                .build()));
  }

  @Override
  public StreamObserver<DiscoveryRequest> streamExtensionConfigs(
      StreamObserver<DiscoveryResponse> client) {
    return new StreamObserver<>() {
      @Override
      public void onNext(DiscoveryRequest request) {
        synchronized (FilterServer.this) {
          if (request.hasErrorDetail()) {
            refusals.add(request.getErrorDetail().getMessage());
          } else if (request.getResponseNonce().isEmpty() && asking.add(client)) {
            tell(client);
          }
        }
      }

      @Override
      public void onError(Throwable error) {
        onCompleted();
      }

      @Override
      public void onCompleted() {
        synchronized (FilterServer.this) {
          asking.remove(client);
        }
      }
    };
  }
}
