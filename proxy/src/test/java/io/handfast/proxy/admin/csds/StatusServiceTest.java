package io.handfast.proxy.admin.csds;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StatusServiceTest {

  private final Answers answers = new Answers();
  private final StatusService service = new StatusService(ClientConfig::getDefaultInstance);

  /** A client that reads as fast as the test lets it. */
  private static final class Answers extends ServerCallStreamObserver<ClientStatusResponse> {
    private final List<ClientStatusResponse> answered = new ArrayList<>();
    private boolean automatic = true;
    private boolean room = true;
    private int asked;
    private boolean completed;
    private Runnable onReady = () -> {};

    /** What the transport does when somebody asks for a request, and one is there. */
    void come(StreamObserver<ClientStatusRequest> requests) {
      assertThat(automatic || asked > 0).as("asked for").isTrue();
      asked--;
      requests.onNext(ClientStatusRequest.getDefaultInstance());
    }

    @Override
    public void disableAutoRequest() {
      automatic = false;
      asked = 0;
    }

    @Override
    public void disableAutoInboundFlowControl() {
      disableAutoRequest();
    }

    @Override
    public void request(int count) {
      asked += count;
    }

    @Override
    public boolean isReady() {
      return room;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      assertThat(handler).isNotNull();
    }

    @Override
    public void setOnCloseHandler(Runnable handler) {
      assertThat(handler).isNotNull();
    }

    @Override
    public void setCompression(String compression) {
      assertThat(compression).isNotNull();
    }

    @Override
    public void setMessageCompression(boolean enable) {
      assertThat(completed).isFalse();
    }

    @Override
    public void onNext(ClientStatusResponse response) {
      answered.add(response);
    }

    @Override
    public void onError(Throwable failure) {
      completed = true;
    }

    @Override
    public void onCompleted() {
      completed = true;
    }
  }

  @Test
  void shouldReadNoFurtherRequestWhileAnAnswerWaits() {
    // Given
    StreamObserver<ClientStatusRequest> requests = service.streamClientStatus(answers);
    answers.onReady.run();
    answers.room = false;

    // When
    answers.come(requests);

    // Then
    assertThat(answers.answered).hasSize(1);
    assertThat(answers.automatic).isFalse();
    assertThat(answers.asked).isZero();

    // When
    answers.room = true;
    answers.onReady.run();

    // Then
    assertThat(answers.asked).isEqualTo(1);
    answers.onReady.run();
    assertThat(answers.asked).isEqualTo(1);
  }

  @Test
  void shouldAnswerOneByOneAndEndWithTheClient() {
    // Given
    StreamObserver<ClientStatusRequest> requests = service.streamClientStatus(answers);
    answers.onReady.run();

    // When
    answers.come(requests);
    answers.come(requests);
    requests.onCompleted();

    // Then
    assertThat(answers.answered).hasSize(2);
    assertThat(answers.completed).isTrue();
  }
}
