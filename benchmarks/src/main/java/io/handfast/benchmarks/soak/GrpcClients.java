package io.handfast.benchmarks.soak;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.handfast.benchmarks.soak.SoakLoadMain.Client;
import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Clients of gRPC. Each has a channel of its own and is confined to its thread. */
abstract class GrpcClients implements Client {
  private static final int MOST = 32 * 1024;
  private static final int MESSAGES = 40;
  private static final int CALLS_OF_A_CHANNEL = 500;
  private static final long TIMEOUT_SECONDS = 30;
  private static final long SIP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  final String upstream;
  private final int port;
  private @Nullable ManagedChannel channel;
  private int left;

  private GrpcClients(int port, String upstream) {
    this.port = port;
    this.upstream = upstream;
  }

  /** A message each way. */
  static Client unary(int port, String upstream) {
    return new GrpcClients(port, upstream) {
      @Override
      boolean call(ManagedChannel channel, Random random)
          throws WrongAnswerException, EOFException {
        byte[] message = Bytes.pattern(random.nextInt(MOST));
        Bytes.check(
            message,
            ClientCalls.blockingUnaryCall(
                channel, Bytes.method(upstream, MethodType.UNARY, "Unary"), options(), message));
        return true;
      }
    };
  }

  /**
   * A stream of answers.
   *
   * @param slow whether nobody is in a hurry to read
   * @param gaveUp whether it is cancelled before its end
   */
  static Client stream(int port, String upstream, boolean slow, boolean gaveUp) {
    return new GrpcClients(port, upstream) {
      @Override
      boolean call(ManagedChannel channel, Random random) throws Exception {
        int size = slow ? MOST : random.nextInt(MOST);
        byte[] asked = (MESSAGES + " " + size).getBytes(StandardCharsets.US_ASCII);
        byte[] expected = Bytes.pattern(size);
        int wanted = gaveUp ? random.nextInt(MESSAGES) : MESSAGES;
        try (Context.CancellableContext context = Context.current().withCancellation()) {
          return context.call(() -> {
            Iterator<byte[]> answers =
                ClientCalls.blockingServerStreamingCall(
                    channel,
                    Bytes.method(upstream, MethodType.SERVER_STREAMING, "Stream"),
                    options(),
                    asked);
            int count = 0;
            while (count < wanted && answers.hasNext()) {
              Bytes.check(expected, answers.next());
              count++;
              if (slow) {
                LockSupport.parkNanos(SIP_NANOS);
              }
            }
            if (count != wanted || (!gaveUp && answers.hasNext())) {
              throw new WrongAnswerException("not %d messages".formatted(wanted));
            }
            return !gaveUp;
          });
        }
      }
    };
  }

  /** Messages both ways, the next one when the last has come back. */
  static Client echo(int port, String upstream) {
    return new GrpcClients(port, upstream) {
      @Override
      boolean call(ManagedChannel channel, Random random) throws Exception {
        Answers answers = new Answers();
        MethodDescriptor<byte[], byte[]> method =
            Bytes.method(upstream, MethodType.BIDI_STREAMING, "Echo");
        StreamObserver<byte[]> messages =
            ClientCalls.asyncBidiStreamingCall(channel.newCall(method, options()), answers);
        for (int i = 0; i < MESSAGES; i++) {
          byte[] message = Bytes.pattern(random.nextInt(MOST));
          messages.onNext(message);
          Bytes.check(message, answers.next());
        }
        messages.onCompleted();
        if (answers.next().length > 0) {
          throw new WrongAnswerException("a message too many");
        }
        return true;
      }
    };
  }

  abstract boolean call(ManagedChannel channel, Random random) throws Exception;

  private static CallOptions options() {
    return CallOptions.DEFAULT.withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public boolean exchange(Random random) throws Exception {
    ManagedChannel open = channel;
    if (open == null) {
      open = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
      channel = open;
      left = CALLS_OF_A_CHANNEL;
    }
    boolean right = call(open, random);
    if (--left == 0) {
      close();
    }
    return right;
  }

  @Override
  public void close() {
    ManagedChannel open = channel;
    channel = null;
    if (open != null) {
      open.shutdownNow();
    }
  }

  /** What comes back, for one thread to take; the end is an empty message. */
  private static final class Answers implements StreamObserver<byte[]> {
    private static final byte[] END = {};
    private final BlockingQueue<Object> come = new LinkedBlockingQueue<>();

    @Override
    public void onNext(byte[] message) {
      come.add(message);
    }

    @Override
    public void onError(Throwable cause) {
      come.add(cause);
    }

    @Override
    public void onCompleted() {
      come.add(END);
    }

    byte[] next() throws Exception {
      Object next = come.take();
      if (next instanceof Exception failure) {
        throw failure;
      }
      return (byte[]) next;
    }
  }
}
