package io.handfast.proxy.grpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a call brings: its messages, then {@code OK} or its status and sentence. Thread-safe. */
public final class Answers implements StreamObserver<String> {
  private final BlockingQueue<String> came = new LinkedBlockingQueue<>();

  @Override
  public void onNext(String message) {
    came.add(message);
  }

  @Override
  public void onError(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    came.add(status.getCode() + ": " + status.getDescription());
  }

  @Override
  public void onCompleted() {
    came.add("OK");
  }

  /** The next of them. */
  public String next() {
    try {
      String next = came.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("call: nothing has come (expected: a message or its end)");
      }
      return next;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether there is nothing more for now. */
  public boolean isEmpty() {
    return came.isEmpty();
  }
}
