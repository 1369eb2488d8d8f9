package io.handfast.proxy.http.h2;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.h2.frame.FrameWriter;
import io.handfast.proxy.logging.BugWatch;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of a client and of a service: no exception but a reset or a GOAWAY, the same whether they
 * come at once or byte by byte, and what is sent in return can be read.
 *
 * <p>The first byte: bit 0 the side, bit 1 whether the rest is the wire or, so that lengths fit,
 * frames of type, flags, stream, length (a byte each) and payload.
 */
final class H2FramesFuzzTest implements ClientConnection.Listener, RequestHandler {
  private static final int MAX_INPUT = 8 << 10;
  private static final Stats STATS = new Stats(); // to make one costs more than a case
  private static final HttpStats HTTP = STATS.http("fuzz");
  private static final ClusterStats CLUSTER = STATS.cluster("fuzz");
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final List<Events> events = new ArrayList<>();

  @Override
  public void onAvailable(ClientConnection connection) {
    while (events.size() < 3 && connection.freeStreams() > 0) {
      events.add(new Events());
      HttpStream.Client stream = connection.newStream(events.getLast());
      stream.sendHead(RequestHead.of("POST", "h", "/"), events.size() == 1);
    }
  }

  @Override
  public void onClosed(ClientConnection connection) {
    // The channel says so.
  }

  @Override
  public HttpStream.ServerEvents onRequest(
      HttpStream.Server stream, RequestHead head, boolean endStream) {
    Events told = new Events();
    told.told.add(head + (endStream ? " end" : ""));
    events.add(told);
    if (head.path().endsWith("a")) {
      stream.sendHead(ResponseHead.of(200), true);
    }
    return told;
  }

  @Override
  public void onRefused(HttpProtocol protocol, int status, String details) {
    Events told = new Events();
    told.told.add("refused " + status);
    events.add(told);
  }

  @FuzzTest(maxDuration = "10m")
  void shouldReadTheSameHoweverItIsCut(byte[] bytes) {
    if (bytes.length < 2 || bytes.length > MAX_INPUT) {
      return;
    }
    byte[] wire = (bytes[0] & 2) != 0 ? tail(bytes) : frames(bytes);
    try (BugWatch _ = new BugWatch()) {
      String whole = read(wire, wire.length, (bytes[0] & 1) != 0);
      assertThat(read(wire, 1, (bytes[0] & 1) != 0)).isEqualTo(whole);
    }
  }

  private String read(byte[] wire, int step, boolean client) {
    events.clear();
    ManualDispatcher dispatcher = new ManualDispatcher();
    EmbeddedChannel channel = new EmbeddedChannel(client ? client(dispatcher) : server(dispatcher));
    FrameLog peer = new FrameLog(channel);
    if (!client) {
      peer.send(PREFACE);
    }
    peer.settings();
    List<String> sent = new ArrayList<>(peer.frames());
    for (int from = 0; from < wire.length && channel.isOpen(); from += step) {
      int length = Math.min(step, wire.length - from);
      peer.send(Unpooled.copiedBuffer(wire, from, length));
      sent.addAll(peer.frames());
    }
    sent.addAll(peer.frames());
    channel.finishAndReleaseAll();
    sent.removeIf(frame -> frame.startsWith("WINDOW_UPDATE")); // given back as it is read
    return events.stream().map(each -> merged(each.told)).toList() + "\n" + sent;
  }

  /** Data in as many pieces as came. */
  private static String merged(List<String> told) {
    StringBuilder text = new StringBuilder();
    for (String line : told) {
      boolean data = line.startsWith("data ");
      if (!line.startsWith("writable")) {
        text.append(data ? line.substring(5) : "\n" + line + "\n");
      }
    }
    return text.toString();
  }

  private H2ServerConnection server(ManualDispatcher dispatcher) {
    HttpConnectionManagerConfig config =
        HttpConnectionManagerConfig.of(
            "fuzz",
            new RouteTable(List.of()),
            List.of(new HttpFilterConfig("router", "router", "", false)));
    return new H2ServerConnection(new H2ServerConfig(config, this, dispatcher, HTTP, 1 << 20));
  }

  private H2ClientConnection client(ManualDispatcher dispatcher) {
    return new H2ClientConnection(this, dispatcher, Http2Options.DEFAULTS, CLUSTER, 1 << 20);
  }

  private static byte[] tail(byte[] bytes) {
    byte[] tail = new byte[bytes.length - 1];
    System.arraycopy(bytes, 1, tail, 0, tail.length);
    return tail;
  }

  private static byte[] frames(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes, 1, bytes.length - 1);
    ByteBuf out = Unpooled.buffer();
    while (in.readableBytes() >= 4) {
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readUnsignedByte();
      int length = Math.min(in.readUnsignedByte(), in.readableBytes());
      FrameWriter.head(out, length, type, flags, stream);
      out.writeBytes(in, length);
    }
    byte[] wire = new byte[out.readableBytes()];
    out.readBytes(wire);
    return wire;
  }
}
