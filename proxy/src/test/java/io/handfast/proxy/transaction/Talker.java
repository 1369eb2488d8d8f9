package io.handfast.proxy.transaction;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.handfast.proxy.grpc.Answers;
import io.handfast.proxy.grpc.Echo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * A service that, when it is called, holds a conversation with another, word by word, and answers
 * with what it heard. It carries trace headers on, as an instrumented service does.
 */
final class Talker implements AutoCloseable {
  private static final Context.Key<Metadata> CALLED_WITH = Context.key("called-with");

  private final Channel other;
  private final Server server;

  Talker(Channel other) throws IOException {
    this.other = other;
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .addService(
                ServerServiceDefinition.builder("handfast.test.Echo")
                    .addMethod(Echo.UNARY, ServerCalls.asyncUnaryCall(this::talk))
                    .build())
            .intercept(new Remember())
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  private void talk(String request, StreamObserver<String> out) {
    Answers heard = new Answers();
    StringBuilder all = new StringBuilder();
    StreamObserver<String> call =
        ClientCalls.asyncBidiStreamingCall(
            carrying().newCall(Echo.BIDI, CallOptions.DEFAULT), heard);
    for (String word : List.of("1", "2", "3")) {
      call.onNext(word);
      all.append(heard.next()).append(' ');
    }
    call.onCompleted();
    out.onNext(all + heard.next());
    out.onCompleted();
  }

  private Channel carrying() {
    Channel channel = other;
    for (String name : List.of("traceparent", "tracestate", "baggage")) {
      String value = CALLED_WITH.get().get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
      if (value != null) {
        channel = Echo.with(channel, name, value);
      }
    }
    return channel;
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private static final class Remember implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      return Contexts.interceptCall(
          Context.current().withValue(CALLED_WITH, headers), call, headers, next);
    }
  }
}
