package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.TruncationStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a filter can do to a stream, over real sockets with an endpoint that the test plays. */
final class FilterChainTest {
  private static final String CHUNKED_END = "0\r\n\r\n";

  private final List<String> events = new CopyOnWriteArrayList<>();
  private final AtomicReference<@Nullable HttpFilterContext> seen = new AtomicReference<>();
  private final ServerSocket endpoint = listen();

  private static ServerSocket listen() {
    try {
      return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @AfterEach
  void stop() throws IOException {
    endpoint.close();
  }

  /** Notes what it is shown; the test overrides what it answers. */
  private class Probe implements HttpFilter {
    final String name;

    Probe(String name) {
      this.name = name;
    }

    @Override
    public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
      events.add(name + " request");
      return FilterStatus.CONTINUE;
    }

    @Override
    public FilterStatus onResponseHead(ResponseHead head, boolean endStream) {
      events.add(name + " response " + head.status());
      return FilterStatus.CONTINUE;
    }

    @Override
    public void onBypassed() {
      events.add(name + " bypassed");
    }

    @Override
    public void onStreamEnd(StreamInfo info) {
      events.add(name + " end");
    }
  }

  @Test
  void shouldPassFiltersInOrderAndBackWhenNobodyStops() throws Exception {
    try (InProcessProxy proxy = proxy(_ -> new Probe("a"), _ -> new Probe("b"))) {
      try (Socket client = connect(proxy)) {
        send(client, "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
        try (Socket upstream = endpoint.accept()) {
          readUntil(upstream, "\r\n\r\n");
          send(upstream, "HTTP/1.1 204 No Content\r\n\r\n");
          assertThat(readUntil(client, "\r\n\r\n")).startsWith("HTTP/1.1 204");
        }
      }
      proxy.nextEnded();
      await()
          .untilAsserted(() ->
              assertThat(events)
                  .containsExactly(
                      "a request",
                      "b request",
                      "b response 204",
                      "a response 204",
                      "a end",
                      "b end"));
    }
  }

  @Test
  void shouldWaitWithTheRequestWhenAFilterPausesAndResumesLater() throws Exception {
    try (InProcessProxy proxy =
        proxy(context ->
            new Probe("p") {
              @Override
              public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
                seen.set(context);
                head.headers().add("x-added", "yes");
                return FilterStatus.PAUSE;
              }
            })) {
      try (Socket client = connect(proxy)) {
        send(client, "POST /x HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello");
        HttpFilterContext context = await().until(seen::get, c -> c != null);
        context.execute(context::resumeRequest);
        try (Socket upstream = endpoint.accept()) {
          String request = readUntil(upstream, "hello");
          assertThat(request).startsWith("POST /x HTTP/1.1\r\n").contains("x-added: yes\r\n");
          send(upstream, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
          assertThat(readUntil(client, "ok")).startsWith("HTTP/1.1 200");
        }
      }
    }
  }

  @Test
  void shouldShowTheWholeBodyWhenAFilterHoldsIt() throws Exception {
    try (InProcessProxy proxy =
        proxy(context ->
            new Probe("h") {
              @Override
              public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
                return FilterStatus.HOLD;
              }

              @Override
              public FilterStatus onRequestData(Body data, boolean endStream) {
                if (!endStream) {
                  return FilterStatus.HOLD;
                }
                events.add(context.heldRequest().toUtf8() + data.toUtf8());
                return FilterStatus.CONTINUE;
              }
            })) {
      try (Socket client = connect(proxy)) {
        send(client, "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n");
        send(client, "3\r\nabc\r\n");
        send(client, "3\r\ndef\r\n" + CHUNKED_END);
        try (Socket upstream = endpoint.accept()) {
          assertThat(readUntil(upstream, CHUNKED_END)).contains("transfer-encoding: chunked");
          assertThat(String.join("|", events)).contains("abcdef");
        }
      }
    }
  }

  @Test
  void shouldAnswer413WhenAFilterHoldsMoreThanItsLimit() throws Exception {
    try (InProcessProxy proxy =
        proxy(
            context ->
                new Probe("h") {
                  @Override
                  public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
                    context.limitHeldRequest(4);
                    return FilterStatus.HOLD;
                  }

                  @Override
                  public FilterStatus onRequestData(Body data, boolean endStream) {
                    return FilterStatus.HOLD;
                  }
                },
            _ -> new Probe("behind"))) {
      try (Socket client = connect(proxy)) {
        send(client, "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello");
        assertThat(readUntil(client, "Payload Too Large")).startsWith("HTTP/1.1 413");
      }
      assertThat(proxy.nextEnded().details()).isEqualTo("request_payload_too_large");
      assertThat(events).contains("behind bypassed").doesNotContain("behind request");
    }
  }

  @Test
  void shouldReplaceAHeldResponseWhenTheFilterAnswersItself() throws Exception {
    try (InProcessProxy proxy =
        proxy(
            _ -> new Probe("outer"),
            context ->
                new Probe("holds") {
                  @Override
                  public FilterStatus onResponseHead(ResponseHead head, boolean endStream) {
                    return FilterStatus.HOLD;
                  }

                  @Override
                  public FilterStatus onResponseData(Body data, boolean endStream) {
                    if (endStream) {
                      context.sendLocalReply(LocalReply.text(409, "replaced").header("x-r", "1"));
                    }
                    return FilterStatus.HOLD;
                  }
                })) {
      try (Socket client = connect(proxy)) {
        send(client, "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
        try (Socket upstream = endpoint.accept()) {
          readUntil(upstream, "\r\n\r\n");
          send(upstream, "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret");
          String response = readUntil(client, "replaced");
          assertThat(response)
              .startsWith("HTTP/1.1 409")
              .contains("x-r: 1")
              .doesNotContain("secret");
        }
      }
      assertThat(proxy.nextEnded().status()).isEqualTo(409);
      assertThat(events).contains("outer response 409");
    }
  }

  @Test
  void shouldAddTrailersWhenTheResponseIsChunked() throws Exception {
    try (InProcessProxy proxy =
        proxy(context ->
            new Probe("t") {
              @Override
              public FilterStatus onResponseData(Body data, boolean endStream) {
                if (endStream) {
                  context.addedResponseTrailers().add("tx-vote", "v");
                }
                return FilterStatus.CONTINUE;
              }
            })) {
      try (Socket client = connect(proxy)) {
        send(client, "GET / HTTP/1.1\r\nhost: h\r\nte: trailers\r\n\r\n");
        try (Socket upstream = endpoint.accept()) {
          readUntil(upstream, "\r\n\r\n");
          send(
              upstream,
              "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n" + CHUNKED_END);
          assertThat(readUntil(client, "0\r\ntx-vote: v\r\n\r\n")).startsWith("HTTP/1.1 200");
        }
      }
    }
  }

  @Test
  void shouldTellFiltersWhenTheResponseBreaksOff() throws Exception {
    try (InProcessProxy proxy =
        proxy(context ->
            new Probe("t") {
              @Override
              public FilterStatus onResponseHead(ResponseHead head, boolean endStream) {
                return FilterStatus.HOLD;
              }

              @Override
              public FilterStatus onResponseData(Body data, boolean endStream) {
                return FilterStatus.HOLD;
              }

              @Override
              public TruncationStatus onResponseTruncated(ResetReason reason) {
                context.sendLocalReply(LocalReply.text(502, "cut short"));
                return TruncationStatus.HANDLED;
              }
            })) {
      try (Socket client = connect(proxy)) {
        send(client, "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
        try (Socket upstream = endpoint.accept()) {
          readUntil(upstream, "\r\n\r\n");
          send(upstream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
        }
        assertThat(readUntil(client, "cut short")).startsWith("HTTP/1.1 502");
      }
    }
  }

  @Test
  void shouldCloseTheConnectionWhenTheResponseBreaksOffAndNobodyMinds() throws Exception {
    try (InProcessProxy proxy = proxy(_ -> new Probe("t"))) {
      try (Socket client = connect(proxy)) {
        send(client, "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
        try (Socket upstream = endpoint.accept()) {
          readUntil(upstream, "\r\n\r\n");
          send(upstream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
          readUntil(client, "half");
        }
        assertThat(readToEnd(client)).isEmpty();
      }
      StreamInfo info = proxy.nextEnded();
      assertThat(info.responseComplete()).isFalse();
      assertThat(info.flagsText()).isEqualTo("UPE");
    }
  }

  @Test
  void shouldEndTheUpstreamRequestWhenTheClientGoes() throws Exception {
    try (InProcessProxy proxy = proxy(_ -> new Probe("t"))) {
      try (Socket client = connect(proxy)) {
        send(client, "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
        try (Socket upstream = endpoint.accept()) {
          readUntil(upstream, "\r\n\r\n");
          client.shutdownOutput(); // to an HTTP/1.1 server a disconnect
          assertThat(readToEnd(upstream)).isEmpty();
        }
      }
      assertThat(proxy.nextEnded().flagsText()).isEqualTo("DC");
      assertThat(events).contains("t end");
    }
  }

  @Test
  void shouldReadNoMoreFromUpstreamWhenTheClientDoesNotRead() throws Exception {
    AtomicLong written = new AtomicLong();
    long size = 256L << 20;
    try (InProcessProxy proxy = proxy(_ -> new Probe("t"))) {
      try (Socket client = new Socket()) {
        client.setReceiveBufferSize(16 << 10);
        client.connect(
            new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
        send(client, "GET / HTTP/1.1\r\nhost: h\r\n\r\n");
        try (Socket upstream = endpoint.accept()) {
          readUntil(upstream, "\r\n\r\n");
          send(upstream, "HTTP/1.1 200 OK\r\ncontent-length: " + size + "\r\n\r\n");
          Thread writer = Thread.startVirtualThread(() -> fill(upstream, size, written));
          // The writer comes to a halt long before the end: sockets' buffers and the watermark.
          awaitStill(written);
          assertThat(written.get()).isLessThan(64L << 20);
          drain(client, size);
          writer.join();
          assertThat(written.get()).isEqualTo(size);
        }
      }
      assertThat(proxy.nextEnded().bytesSent()).isEqualTo(size);
    }
  }

  private static void fill(Socket to, long size, AtomicLong written) {
    byte[] block = new byte[64 << 10];
    try {
      OutputStream out = to.getOutputStream();
      while (written.get() < size) {
        out.write(block);
        written.addAndGet(block.length);
      }
    } catch (IOException e) {
      written.set(-1);
    }
  }

  /** Until the number is the same in many looks in a row. */
  private static void awaitStill(AtomicLong number) {
    long[] last = {-1, 0};
    await()
        .pollInterval(java.time.Duration.ofMillis(20))
        .until(() -> {
          long now = number.get();
          last[1] = now == last[0] && now > 0 ? last[1] + 1 : 0;
          last[0] = now;
          return last[1] >= 15;
        });
  }

  private static void drain(Socket from, long size) throws IOException {
    InputStream in = from.getInputStream();
    byte[] block = new byte[64 << 10];
    long read = 0;
    while (read < size) {
      int n = in.read(block);
      if (n < 0) {
        throw new IOException("ended after " + read);
      }
      read += n; // the head is a few bytes more; what matters is that it all comes
    }
  }

  private InProcessProxy proxy(io.handfast.proxy.http.HttpFilterFactory... filters)
      throws Exception {
    return InProcessProxy.to(endpoint.getLocalPort(), filters);
  }

  private static Socket connect(InProcessProxy proxy) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  private static String readUntil(Socket socket, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(end) < 0) {
      int b = socket.getInputStream().read();
      if (b < 0) {
        throw new IOException("ended after: " + read);
      }
      read.append((char) b);
    }
    return read.toString();
  }

  private static String readToEnd(Socket socket) {
    StringBuilder read = new StringBuilder();
    try {
      for (int b = socket.getInputStream().read(); b >= 0; b = socket.getInputStream().read()) {
        read.append((char) b);
      }
    } catch (IOException reset) {
      return read.toString(); // a reset is an end too
    }
    return read.toString();
  }
}
