package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.stats.HttpStats;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;

/** A server connection that is lenient where it may be: keeps requests, answers what has ended. */
final class RequestReader implements RequestHandler {
  final List<RequestHead> heads = new ArrayList<>();
  final List<Transcript> streams = new ArrayList<>();

  /** Why what came was refused before there was a stream of it, one for each. */
  final List<String> refusals = new ArrayList<>();

  private final StringBuilder told = new StringBuilder();
  private final List<HttpStream.Server> open = new ArrayList<>();
  private final EmbeddedChannel channel;

  RequestReader(HttpStats stats) {
    channel = new EmbeddedChannel(ServerFixture.connection(ServerFixture.LENIENT, this, stats));
  }

  @Override
  public HttpStream.ServerEvents onRequest(
      HttpStream.Server stream, RequestHead head, boolean endStream) {
    Transcript transcript = new Transcript();
    transcript.end(endStream);
    told.append(head).append(' ').append(head.authority()).append(' ');
    told.append(Transcript.fields(head.headers())).append(head.upgrade()).append('\n');
    heads.add(head);
    streams.add(transcript);
    open.add(stream);
    return transcript;
  }

  @Override
  public void onRefused(HttpProtocol protocol, int status, String details) {
    told.append("refused ").append(status).append(' ').append(details).append('\n');
    refusals.add(details);
  }

  void read(byte[] bytes, int step) {
    for (int from = 0; from < bytes.length && channel.isOpen(); from += step) {
      int length = Math.min(step, bytes.length - from);
      channel.writeInbound(Unpooled.copiedBuffer(bytes, from, length));
      answer();
    }
  }

  private void answer() {
    for (int i = 0; i < open.size(); i++) { // an answer may bring the next request
      if (streams.get(i).ended && !streams.get(i).reset) {
        ResponseHead head = ResponseHead.of(200);
        head.headers().add("content-length", "0");
        open.get(i).sendHead(head, true);
      }
      channel.runPendingTasks();
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  /** All that was told, as text that does not hang on how the bytes were cut. */
  String close() {
    boolean open = channel.isOpen();
    channel.finishAndReleaseAll();
    streams.forEach(stream -> told.append(stream).append('\n'));
    return told + (open ? "open" : "closed");
  }
}
