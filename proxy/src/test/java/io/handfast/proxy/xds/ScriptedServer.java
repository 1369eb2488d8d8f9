package io.handfast.proxy.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A control plane that does what the test says, right or wrong: it sends bytes, whatever they are.
 * Thread-safe.
 *
 * @param <Q> what it is asked
 */
final class ScriptedServer<Q extends Message> implements AutoCloseable {
  private final List<Q> requests = new CopyOnWriteArrayList<>();
  private final List<Stream> streams = new CopyOnWriteArrayList<>();
  private final List<Metadata> metadata = new CopyOnWriteArrayList<>();
  private final Script<Q> script;
  private final Server server;

  /** What it does. */
  @FunctionalInterface
  interface Script<Q extends Message> {

    /** On that stream that was asked; one call at a time for each stream. */
    void asked(ScriptedServer<Q>.Stream stream, Q request);
  }

  private ScriptedServer(
      MethodDescriptor<Q, ? extends Message> method, Parser<Q> parser, Script<Q> script) {
    this.script = script;
    MethodDescriptor<Q, byte[]> raw =
        MethodDescriptor.<Q, byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(method.getFullMethodName())
            .setRequestMarshaller(new Parsed<>(parser))
            .setResponseMarshaller(new Raw())
            .build();
    String service = String.valueOf(method.getServiceName());
    try {
      server =
          NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(
                  ServerServiceDefinition.builder(service).addMethod(raw, this::begin).build())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of incremental aggregated discovery. */
  static ScriptedServer<DeltaDiscoveryRequest> delta(Script<DeltaDiscoveryRequest> script) {
    return new ScriptedServer<>(
        AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
        DeltaDiscoveryRequest.parser(),
        script);
  }

  /** Of aggregated discovery that tells the state of the world. */
  static ScriptedServer<DiscoveryRequest> sotw(Script<DiscoveryRequest> script) {
    return new ScriptedServer<>(
        AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod(),
        DiscoveryRequest.parser(),
        script);
  }

  int port() {
    return server.getPort();
  }

  /** All that was asked, on whichever stream. */
  List<Q> requests() {
    return List.copyOf(requests);
  }

  int streams() {
    return streams.size();
  }

  /** Of each stream. */
  List<Metadata> metadata() {
    return List.copyOf(metadata);
  }

  private ServerCall.Listener<Q> begin(ServerCall<Q, byte[]> call, Metadata headers) {
    Stream stream = new Stream(call);
    metadata.add(headers);
    streams.add(stream);
    call.sendHeaders(new Metadata());
    call.request(1);
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(Q request) {
        requests.add(request);
        script.asked(stream, request);
        call.request(1);
      }
    };
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  /** One that a client has opened. */
  final class Stream {
    private final ServerCall<Q, byte[]> call;
    private boolean over;

    private Stream(ServerCall<Q, byte[]> call) {
      this.call = call;
    }

    void send(Message response) {
      send(response.toByteArray());
    }

    void send(byte[] response) {
      if (!over) {
        call.sendMessage(response);
      }
    }

    void end(Status status) {
      if (!over) {
        over = true;
        call.close(status, new Metadata());
      }
    }
  }

  private record Parsed<Q extends Message>(Parser<Q> parser)
      implements MethodDescriptor.Marshaller<Q> {
    @Override
    public InputStream stream(Q value) {
      return value.toByteString().newInput();
    }

    @Override
    public Q parse(InputStream stream) {
      try {
        return parser.parseFrom(stream);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private record Raw() implements MethodDescriptor.Marshaller<byte[]> {
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
