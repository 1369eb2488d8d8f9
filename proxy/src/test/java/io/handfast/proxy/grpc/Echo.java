package io.handfast.proxy.grpc;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A service of the four kinds whose messages are text. It answers each message with itself, except
 * {@code wait}, after which it never ends, and {@code fail NUMBER TEXT}, which ends the call so.
 * Metadata whose name begins with {@code x-echo} goes back in head and trailers. Thread-safe.
 */
public final class Echo implements AutoCloseable {
  private static final String SERVICE = "handfast.test.Echo";

  public static final MethodDescriptor<String, String> UNARY = method("Unary", MethodType.UNARY);
  public static final MethodDescriptor<String, String> CLIENT_STREAM =
      method("ClientStream", MethodType.CLIENT_STREAMING);
  public static final MethodDescriptor<String, String> SERVER_STREAM =
      method("ServerStream", MethodType.SERVER_STREAMING);
  public static final MethodDescriptor<String, String> BIDI =
      method("Bidi", MethodType.BIDI_STREAMING);

  private final Server server;
  private final BlockingQueue<Metadata> seen = new LinkedBlockingQueue<>();
  private final BlockingQueue<Boolean> cancelled = new LinkedBlockingQueue<>();

  private Echo(NettyServerBuilder builder) throws IOException {
    server =
        builder
            .addService(
                ServerServiceDefinition.builder(SERVICE)
                    .addMethod(UNARY, ServerCalls.asyncBidiStreamingCall(this::each))
                    .addMethod(CLIENT_STREAM, ServerCalls.asyncBidiStreamingCall(this::last))
                    .addMethod(SERVER_STREAM, ServerCalls.asyncBidiStreamingCall(this::each))
                    .addMethod(BIDI, ServerCalls.asyncBidiStreamingCall(this::each))
                    .build())
            .intercept(new Recorder())
            .build()
            .start();
  }

  /** Without TLS, on a free port. */
  public static Echo start() throws IOException {
    return new Echo(
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  /** The same channel, with that field in the head of every call. */
  public static Channel with(Channel channel, String name, String value) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    return with(channel, headers);
  }

  static Channel with(Channel channel, Metadata headers) {
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  public int port() {
    return server.getPort();
  }

  /** The head of the next call that has come. */
  public Metadata nextCall() {
    return next(seen);
  }

  /** A field of the head of the next call that has come; empty if it has none. */
  public String nextField(String name) {
    String value = nextCall().get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    return value == null ? "" : value;
  }

  /** As if nothing had come yet. */
  void forget() {
    seen.clear();
    cancelled.clear();
  }

  public boolean hasCalls() {
    return !seen.isEmpty();
  }

  /** Returns when the next call has been cancelled by its caller. */
  public boolean nextIsCancelled() {
    return next(cancelled);
  }

  private static <T> T next(BlockingQueue<T> queue) {
    try {
      T next = queue.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("service: nothing has come (expected: a call)");
      }
      return next;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private StreamObserver<String> each(StreamObserver<String> out) {
    return new Work(out, cancelled, false);
  }

  private StreamObserver<String> last(StreamObserver<String> out) {
    return new Work(out, cancelled, true);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  /** One call. */
  private static final class Work implements StreamObserver<String> {
    private final StreamObserver<String> out;
    private final boolean once;
    private String last = "";
    private boolean over;

    Work(StreamObserver<String> out, BlockingQueue<Boolean> cancelled, boolean once) {
      this.out = out;
      this.once = once;
      ((ServerCallStreamObserver<String>) out).setOnCancelHandler(() -> cancelled.add(true));
    }

    @Override
    public void onNext(String message) {
      if (message.equals("wait")) {
        over = true;
      } else if (message.startsWith("fail ")) {
        over = true;
        String[] words = message.split(" ", 3);
        out.onError(
            Status.fromCodeValue(Integer.parseInt(words[1]))
                .withDescription(words[2])
                .asRuntimeException());
      } else if (once) {
        last += message;
      } else {
        out.onNext(message);
      }
    }

    @Override
    public void onCompleted() {
      if (!over) {
        if (once) {
          out.onNext(last);
        }
        out.onCompleted();
      }
    }

    @Override
    public void onError(Throwable gone) {
      over = true;
    }
  }

  private final class Recorder implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      seen.add(headers);
      Metadata back = new Metadata();
      for (String name : headers.keys()) {
        if (name.startsWith("x-echo")) {
          copy(headers, back, name);
        }
      }
      return next.startCall(
          new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata head) {
              head.merge(back);
              super.sendHeaders(head);
            }

            @Override
            public void close(Status status, Metadata trailers) {
              trailers.merge(back);
              super.close(status, trailers);
            }
          },
          headers);
    }

    private static void copy(Metadata from, Metadata to, String name) {
      if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        copy(from, to, Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
      } else {
        copy(from, to, Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
      }
    }

    private static <T> void copy(Metadata from, Metadata to, Metadata.Key<T> key) {
      Iterable<T> values = from.getAll(key);
      if (values != null) {
        values.forEach(value -> to.put(key, value));
      }
    }
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
