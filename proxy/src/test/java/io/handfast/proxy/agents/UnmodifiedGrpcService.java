package io.handfast.proxy.agents;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * An ordinary service on grpc-java, a virtual thread for each request: {@code front.Front/WAY} with
 * {@code PORT KEY} calls {@code bank.Bank/Reserve} on that port, and answers with what it was told.
 * It knows nothing of traces and transactions, and runs in a process of its own until its input
 * ends.
 */
final class UnmodifiedGrpcService {
  private static final MethodDescriptor<String, String> RESERVE = Text.method("bank.Bank/Reserve");
  private static final ExecutorService POOL = Executors.newFixedThreadPool(4);
  private static final ExecutorService VIRTUAL = Executors.newVirtualThreadPerTaskExecutor();
  private static final Map<String, ManagedChannel> CHANNELS = new ConcurrentHashMap<>();

  private UnmodifiedGrpcService() {}

  /** One way to make a call. */
  private interface Way {
    String call(ManagedChannel channel, String key) throws Exception;
  }

  public static void main(String[] args) throws IOException {
    Map<String, Way> ways =
        Map.of(
            "handler",
            UnmodifiedGrpcService::reserve,
            "pool",
            (channel, key) -> POOL.submit(() -> reserve(channel, key)).get(),
            "virtual",
            (channel, key) -> VIRTUAL.submit(() -> reserve(channel, key)).get(),
            "future",
            (channel, key) ->
                ClientCalls.futureUnaryCall(channel.newCall(RESERVE, CallOptions.DEFAULT), key)
                    .get(),
            "thread",
            UnmodifiedGrpcService::inThread);
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder("front.Front");
    ways.forEach((name, way) ->
        service.addMethod(
            Text.method("front.Front/" + name),
            ServerCalls.asyncUnaryCall((request, observer) -> {
              observer.onNext(told(way, request.split(" ")));
              observer.onCompleted();
            })));
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .executor(VIRTUAL)
            .addService(service.build())
            .build()
            .start();
    System.out.println("port " + server.getPort());
    System.in.transferTo(java.io.OutputStream.nullOutputStream());
    System.exit(0);
  }

  /** What came of it: the service lives with errors. */
  private static String told(Way way, String[] request) {
    ManagedChannel channel =
        CHANNELS.computeIfAbsent(
            request[0],
            port ->
                NettyChannelBuilder.forAddress("127.0.0.1", Integer.parseInt(port))
                    .usePlaintext()
                    .build());
    try {
      return "OK " + way.call(channel, request[1]);
    } catch (Exception e) {
      Throwable cause = e;
      while (!(cause instanceof StatusRuntimeException) && cause.getCause() != null) {
        cause = cause.getCause();
      }
      return String.valueOf(cause.getMessage());
    }
  }

  private static String reserve(ManagedChannel channel, String key) {
    return ClientCalls.blockingUnaryCall(channel, RESERVE, CallOptions.DEFAULT, key);
  }

  /** Nothing follows the request into a thread that is begun by hand. */
  private static String inThread(ManagedChannel channel, String key) throws Exception {
    CompletableFuture<String> said = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                said.complete(reserve(channel, key));
              } catch (StatusRuntimeException e) {
                said.completeExceptionally(e);
              }
            })
        .start();
    return said.get(20, TimeUnit.SECONDS);
  }
}
