package io.handfast.proxy.admin.csds;

import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/**
 * Client status discovery: what this process knows of the resources of its control planes, once or
 * whenever it is asked on a stream. Stateless; the supplier must not block.
 */
final class StatusService extends ClientStatusDiscoveryServiceImplBase {

  private final Supplier<ClientConfig> source;

  StatusService(Supplier<ClientConfig> source) {
    this.source = source;
  }

  @Override
  public void fetchClientStatus(
      ClientStatusRequest request, StreamObserver<ClientStatusResponse> answers) {
    if (answer(request, answers)) {
      answers.onCompleted();
    }
  }

  @Override
  public StreamObserver<ClientStatusRequest> streamClientStatus(
      StreamObserver<ClientStatusResponse> answers) {
    Requests requests = new Requests((ServerCallStreamObserver<ClientStatusResponse>) answers);
    requests.begin();
    return requests;
  }

  /** Requests of one stream; the next one is read when the client has room for its answer. */
  private final class Requests implements StreamObserver<ClientStatusRequest> {
    private final ServerCallStreamObserver<ClientStatusResponse> call;
    private boolean reading;
    private boolean ended;

    Requests(ServerCallStreamObserver<ClientStatusResponse> call) {
      this.call = call;
    }

    void begin() {
      call.disableAutoRequest();
      call.setOnReadyHandler(this::read);
    }

    private void read() {
      if (!reading && call.isReady()) {
        reading = true;
        call.request(1);
      }
    }

    @Override
    public void onNext(ClientStatusRequest request) {
      reading = false;
      ended = ended || !answer(request, call);
      read();
    }

    @Override
    public void onError(Throwable cancelled) {
      ended = true;
    }

    @Override
    public void onCompleted() {
      if (!ended) {
        call.onCompleted();
      }
    }
  }

  /** Whether it was one; if not the call is over. */
  private boolean answer(
      ClientStatusRequest request, StreamObserver<ClientStatusResponse> answers) {
    if (request.getNodeMatchersCount() > 0) {
      answers.onError(
          Status.INVALID_ARGUMENT
              .withDescription("node_matchers: not supported (expected: none, there is one node)")
              .asRuntimeException());
      return false;
    }
    ClientConfig.Builder config = source.get().toBuilder();
    if (request.getExcludeResourceContents()) {
      config
          .getGenericXdsConfigsBuilderList()
          .forEach(each -> {
            each.clearXdsConfig();
            if (each.hasErrorState()) {
              each.getErrorStateBuilder().clearFailedConfiguration();
            }
          });
    }
    answers.onNext(ClientStatusResponse.newBuilder().addConfig(config).build());
    return true;
  }
}
