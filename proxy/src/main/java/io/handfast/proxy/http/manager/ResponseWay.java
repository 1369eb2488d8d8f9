package io.handfast.proxy.http.manager;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.TruncationStatus;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of one stream's response: from the slot that responds, past the slots before it, to the
 * client. Confined to the stream's event loop.
 */
final class ResponseWay {
  private static final int NOBODY = Integer.MAX_VALUE;

  private final ManagedStream stream;
  private final ConnectionManager manager;
  private final HttpStream.Server server;
  private @Nullable ResponseHead head;
  private @Nullable Headers trailersSent;
  private int responder = NOBODY;
  private int blocks;
  private boolean clientWritable = true;
  private boolean writable = true;
  private boolean headSent;

  ResponseWay(ManagedStream stream, ConnectionManager manager, HttpStream.Server server) {
    this.stream = stream;
    this.manager = manager;
    this.server = server;
  }

  @Nullable ResponseHead head() {
    return head;
  }

  ResponseHead knownHead() {
    if (head == null) {
      throw new IllegalStateException("response: none (expected: its head)");
    }
    return head;
  }

  boolean headSent() {
    return headSent;
  }

  /** Whether the client was told that the tunnel which it asked for is open. */
  boolean isTunnel() {
    return headSent && head != null && stream.requestHead().tunnel().isOpenedBy(head);
  }

  @Nullable ResponseHead sentHead() {
    return headSent ? head : null;
  }

  @Nullable Headers sentTrailers() {
    return trailersSent;
  }

  boolean canSendTrailers(ResponseHead of) {
    return server.canSendTrailers(of);
  }

  void whenDelivered(Consumer<Boolean> told) {
    server.whenDelivered(told);
  }

  /** Whether the response of that slot is the one that counts. */
  boolean mayComeFrom(int index) {
    return !stream.ended() && index <= responder;
  }

  // ---- from a slot that responds

  void respond(int index, ResponseHead responded, boolean end) {
    stream.moved();
    responder = index;
    head = responded;
    stream.guard(() -> headTo(index - 1, end));
  }

  void informational(int index, ResponseHead interim) {
    for (int i = index - 1; i >= 0; i--) {
      if (!stream.slots()[i].filter().onInformational(interim)) {
        return;
      }
    }
    server.sendInformational(interim);
  }

  void truncate(int index, ResetReason reason) {
    if (head == null) {
      stream.reset(reason);
      return;
    }
    stream.guard(() -> {
      for (int i = index - 1; i >= 0 && !stream.ended(); i--) {
        if (stream.slots()[i].filter().onResponseTruncated(reason) == TruncationStatus.HANDLED) {
          return;
        }
      }
      if (!stream.ended() && saysInTrailers(reason)) {
        trailersTo(index - 1, GrpcReply.deadlineExceeded());
      } else if (!stream.ended()) {
        manager.stats().resetAfterResponseStarted.inc();
        stream.reset(reason);
      }
    });
  }

  /**
   * A client of gRPC can be told that the time is over; a reset would say that it was cancelled.
   */
  private boolean saysInTrailers(ResetReason reason) {
    return reason == ResetReason.TIMEOUT
        && stream.requestHead().isGrpc()
        && server.canSendTrailers(knownHead());
  }

  private void endConnectionIfOverloaded() {
    if (manager.overload().keepAliveDisabled()) {
      manager.stats().cxOverloadDisableKeepalive.inc();
      server.drainConnection();
    }
  }

  // ---- to the next slot nearer to the client, and at last to the client

  void headTo(int index, boolean end) {
    if (index >= 0) {
      stream.slots()[index].response().head(end);
      return;
    }
    ResponseHead last = knownHead();
    last.headers().set("server", manager.config().serverName());
    if (!last.headers().contains("date")) {
      last.headers().add("date", manager.date(stream.dispatcher().currentTimeMillis()));
    }
    if (looksLikeUpgrade(last)) {
      last.status(502);
    }
    stream.info().status(last.status());
    stream.info().responseSent(stream.dispatcher().nanoTime());
    manager.stats().countResponse(last.status());
    headSent = true;
    endConnectionIfOverloaded();
    server.sendHead(last, end);
    if (end) {
      stream.finish(true, null);
    }
  }

  /**
   * A service that goes on without the upgrade may say 200, which to a client with HTTP/2 would say
   * that it was accepted.
   */
  private boolean looksLikeUpgrade(ResponseHead last) {
    RequestHead request = stream.requestHead();
    return request.protocol() == HttpProtocol.HTTP_2
        && request.upgrade() != null
        && last.status() / 100 == 2;
  }

  void dataTo(int index, Body data, boolean end) {
    stream.moved();
    if (index >= 0) {
      stream.slots()[index].response().data(data, end);
      return;
    }
    stream.info().sent(data.readableBytes());
    server.sendData(data, end);
    if (end) {
      stream.responseEnds();
    } else if (clientWritable != server.isWritable()) {
      clientWritable(server.isWritable());
    }
  }

  void trailersTo(int index, Headers trailers) {
    if (index >= 0) {
      stream.slots()[index].response().trailers(trailers);
      return;
    }
    trailersSent = trailers;
    server.sendTrailers(trailers);
    stream.finish(true, null);
  }

  // ---- back-pressure

  void clientWritable(boolean now) {
    clientWritable = now;
    updateWritable();
  }

  void block(boolean block) {
    blocks += block ? 1 : -1;
    updateWritable();
  }

  private void updateWritable() {
    boolean now = clientWritable && blocks == 0;
    if (now != writable && !stream.ended()) {
      writable = now;
      for (FilterSlot slot : stream.slots()) {
        slot.filter().onResponseWritable(now);
      }
    }
  }

  // ---- local replies

  /** Answers in place of the slots behind that one. */
  void replaceBehind(int index, LocalReply reply) {
    if (stream.ended() || index > responder) {
      return;
    }
    FilterSlot[] slots = stream.slots();
    if (index == responder || slots[index].response().headGone()) {
      stream.reset(ResetReason.LOCAL_RESET);
      return;
    }
    responder = index;
    for (int i = slots.length - 1; i > index; i--) {
      kill(slots[i]);
      slots[i].filter().onBypassed();
    }
    kill(slots[index]);
    reply(index, reply);
  }

  /** Answers in place of all slots. */
  void replaceAll(LocalReply reply) {
    for (FilterSlot slot : stream.slots()) {
      kill(slot);
      slot.filter().onBypassed();
    }
    answer(reply);
  }

  /** Answers past the slots. */
  void answer(LocalReply reply) {
    responder = 0;
    reply(0, reply);
  }

  private static void kill(FilterSlot slot) {
    slot.request().kill();
    slot.response().kill();
  }

  private void reply(int index, LocalReply reply) {
    StreamInfo info = stream.info();
    info.details(reply.details());
    if (reply.flag() != null) {
      info.flag(reply.flag());
    }
    boolean grpc = GrpcReply.isFor(stream.requestHead(), reply);
    ResponseHead own =
        grpc ? GrpcReply.of(reply) : new ResponseHead(reply.status(), reply.headers());
    stream.headerChanges().ofResponse(own, stream.requestHead(), stream.info());
    if (!grpc) {
      own.headers().set("content-length", Integer.toString(reply.body().length));
    }
    head = own;
    boolean headOnly = grpc || reply.body().length == 0 || stream.requestHead().isHead();
    stream.guard(() -> {
      headTo(index - 1, headOnly);
      if (!headOnly && !stream.ended()) {
        dataTo(index - 1, Body.of(reply.body()), true);
      }
    });
  }
}
