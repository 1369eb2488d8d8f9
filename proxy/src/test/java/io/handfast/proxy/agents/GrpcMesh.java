package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.handfast.proxy.agents.AgentMesh.Seen;
import io.handfast.proxy.agents.AgentMesh.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An {@link AgentMesh} of gRPC with the bank's service, which writes down what reaches it, and a
 * client of the service that a test brings. Thread-safe.
 */
final class GrpcMesh implements AutoCloseable {
  private static final Metadata.Key<String> ID = text("tx-id");
  private static final Metadata.Key<String> OUTCOME = text("tx-outcome");
  private static final Context.Key<Map<String, String>> HEAD = Context.key("head");

  private final Server bank;
  private final AgentMesh mesh;
  private final ManagedChannel client;

  /**
   * What a call brought.
   *
   * @param told what the service says that it was told
   */
  record Answer(String told, Metadata trailers) {

    /** The transaction of the call, which is committed. */
    String tx() {
      assertThat(trailers.get(OUTCOME)).as(told).isEqualTo("committed");
      return String.valueOf(trailers.get(ID));
    }
  }

  /**
   * A mesh that runs.
   *
   * @param service on which port the service listens
   */
  GrpcMesh(Path directory, int service) throws Exception {
    CompletableFuture<AgentMesh> seen = new CompletableFuture<>();
    bank = serve(seen);
    mesh = new AgentMesh(directory, Wire.GRPC, service, bank.getPort());
    seen.complete(mesh);
    client =
        NettyChannelBuilder.forAddress("127.0.0.1", mesh.port("inbound")).usePlaintext().build();
  }

  private static Metadata.Key<String> text(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** The bank's service, which writes down what reaches it: its message is the key. */
  private static Server serve(CompletableFuture<AgentMesh> seen) throws Exception {
    ServerInterceptor headers =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata head, ServerCallHandler<Q, A> next) {
            Map<String, String> fields = new TreeMap<>();
            for (String name : head.keys()) {
              if (!name.endsWith("-bin")) {
                fields.put(name, String.join(",", head.getAll(text(name))));
              }
            }
            return Contexts.interceptCall(
                Context.current().withValue(HEAD, fields), call, head, next);
          }
        };
    ServerServiceDefinition reserve =
        ServerServiceDefinition.builder("bank.Bank")
            .addMethod(
                Text.method("bank.Bank/Reserve"),
                ServerCalls.asyncUnaryCall((key, observer) -> {
                  seen.join().saw(new Seen("key=" + key, HEAD.get()));
                  observer.onNext("reserved");
                  observer.onCompleted();
                }))
            .build();
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .executor(Executors.newVirtualThreadPerTaskExecutor())
        .addService(ServerInterceptors.intercept(reserve, headers))
        .build()
        .start();
  }

  /** What is seen of it. */
  AgentMesh mesh() {
    return mesh;
  }

  /** Calls the service, with a {@code tracestate} of a vendor's if it names a trace. */
  Answer ask(String way, String key, @Nullable String traceparent) {
    Metadata head = new Metadata();
    if (traceparent != null) {
      head.put(text("traceparent"), traceparent);
      head.put(text("tracestate"), "vendor=abc");
    }
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel channel =
        ClientInterceptors.intercept(
            client,
            MetadataUtils.newAttachHeadersInterceptor(head),
            MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers));
    String told =
        ClientCalls.blockingUnaryCall(
            channel,
            Text.method("front.Front/" + way),
            CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS),
            mesh.port("to-bank") + " " + key);
    return new Answer(told, trailers.get());
  }

  @Override
  public void close() {
    client.shutdownNow();
    mesh.close();
    bank.shutdownNow();
  }
}
