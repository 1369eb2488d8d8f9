package io.handfast.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.handfast.proxy.leak.MemoryWatch;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A stream of gRPC that is larger than any memory passes through a sidecar that does not grow. */
final class FlatMemoryGrpcTest {
  private static final long GIBIBYTE = 1L << 30;
  private static final int MESSAGE = 256 << 10;
  private static final MethodDescriptor<byte[], byte[]> STREAM =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodType.SERVER_STREAMING)
          .setFullMethodName("handfast.test.Bytes/Stream")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  /** To follow every buffer costs more memory than is measured here. */
  @BeforeAll
  static void followNoBuffer() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
  }

  @AfterAll
  static void followEveryBuffer() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
  }

  @Test
  void shouldPassALongStreamInFlatMemory() throws Exception {
    pass(GIBIBYTE / 8);
  }

  @Test
  @Tag("full")
  void shouldPassAGibibyteOfMessagesInFlatMemory() throws Exception {
    pass(GIBIBYTE);
  }

  private static void pass(long size) throws Exception {
    // Given
    int messages = (int) (size / MESSAGE);
    Server server = service(messages);
    try (Hop hop = Hop.to(server.getPort())) {
      ManagedChannel channel = Hop.channel(hop.port());
      MemoryWatch memory = new MemoryWatch();
      long received = 0;

      // When
      Iterator<byte[]> answers =
          ClientCalls.blockingServerStreamingCall(
              channel, STREAM, CallOptions.DEFAULT, new byte[0]);
      while (answers.hasNext()) {
        received += answers.next().length;
        memory.look();
      }

      // Then
      assertThat(received).isEqualTo(size);
      memory.assertFlat(size);
      channel.shutdownNow();
    } finally {
      server.shutdownNow();
    }
  }

  /** Sends whenever its own transport has room, as a service should. */
  private static Server service(int messages) throws IOException {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(
            ServerServiceDefinition.builder("handfast.test.Bytes")
                .addMethod(
                    STREAM,
                    ServerCalls.asyncServerStreamingCall(
                        (byte[] request, StreamObserver<byte[]> answers) ->
                            send((ServerCallStreamObserver<byte[]>) answers, messages)))
                .build())
        .build()
        .start();
  }

  private static void send(ServerCallStreamObserver<byte[]> answers, int messages) {
    int[] left = {messages};
    byte[] message = new byte[MESSAGE];
    answers.setOnReadyHandler(() -> {
      while (answers.isReady() && left[0] > 0) {
        answers.onNext(message);
        left[0]--;
        if (left[0] == 0) {
          answers.onCompleted();
        }
      }
    });
  }

  private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
