package io.handfast.xds.stream;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * xDS over gRPC. Of several endpoints each call takes the next one, so that a dead one is left with
 * the first retry. Reading is by hand: a response is asked of the transport when the one before was
 * applied, and HTTP/2's window holds the server back meanwhile.
 *
 * @param <Q> request
 * @param <R> response
 */
final class GrpcWire<Q extends Message, R extends Message> implements Wire {

  private final List<ManagedChannel> channels;
  private final MethodDescriptor<Q, R> method;
  private final Supplier<Metadata> headers;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * A wire that owns its channels.
   *
   * @param headers made anew for each call
   */
  GrpcWire(
      List<ManagedChannel> channels, MethodDescriptor<Q, R> method, Supplier<Metadata> headers) {
    this.channels = List.copyOf(channels);
    this.method = method;
    this.headers = headers;
  }

  @Override
  public Call open(Listener listener) {
    ManagedChannel channel = channels.get(Math.floorMod(next.getAndIncrement(), channels.size()));
    if (channel.getState(false) != ConnectivityState.READY) {
      // An attempt that hangs is given up, and when to try again is decided above the channel.
      channel.enterIdle();
    }
    ClientCall<Q, R> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(new CallListener<>(listener), headers.get());
    return new GrpcCall<>(call, method);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private record GrpcCall<Q extends Message, R extends Message>(
      ClientCall<Q, R> call, MethodDescriptor<Q, R> method) implements Call {

    @Override
    public void send(Message request) {
      call.sendMessage(castRequest(request));
    }

    /** The machine of a stream makes requests of its method only; the marshaller would refuse. */
    @SuppressWarnings("unchecked")
    private Q castRequest(Message request) {
      return (Q) request;
    }

    @Override
    public void readNext() {
      call.request(1);
    }

    @Override
    public void cancel(String reason) {
      call.cancel(reason, null);
    }
  }

  private static final class CallListener<R extends Message> extends ClientCall.Listener<R> {

    private final Listener listener;

    CallListener(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void onReady() {
      listener.ready();
    }

    @Override
    public void onMessage(R message) {
      listener.received(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      String detail = status.getDescription();
      Throwable cause = status.getCause();
      listener.closed(
          status.getCode()
              + (detail == null ? "" : ": " + detail)
              + (cause == null ? "" : " (" + cause.getMessage() + ")"));
    }
  }
}
