package io.handfast.xds.stream;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/** A server that says what the test says. */
final class FakeWire implements Wire {

  /** One stream. */
  static final class FakeCall implements Call {
    final Listener listener;
    final List<Message> sent = new ArrayList<>();
    int reads;
    String cancelled = "";
    Runnable onSend = () -> {};

    FakeCall(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void send(Message request) {
      sent.add(request);
      onSend.run();
    }

    @Override
    public void readNext() {
      reads++;
    }

    @Override
    public void cancel(String reason) {
      cancelled = reason;
    }
  }

  final List<FakeCall> calls = new ArrayList<>();
  boolean closed;

  /** Why no call can be begun; empty if one can. */
  String broken = "";

  @Override
  public Call open(Listener listener) {
    if (!broken.isEmpty()) {
      throw new IllegalStateException(broken);
    }
    FakeCall call = new FakeCall(listener);
    calls.add(call);
    return call;
  }

  FakeCall last() {
    return calls.getLast();
  }

  @Override
  public void close() {
    closed = true;
  }
}
