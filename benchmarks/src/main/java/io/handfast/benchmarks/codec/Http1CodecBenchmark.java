package io.handfast.benchmarks.codec;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.h1.H1ServerConfig;
import io.handfast.proxy.http.h1.H1ServerConnection;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request of HTTP/1.1 read, and answered with the fields that it came with and 1 KiB, on an
 * embedded channel: what a proxy does to a head, by our codec and by Netty's at its strictest. Ours
 * also checks what Netty leaves to its user (host, target, hop-by-hop fields).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
public class Http1CodecBenchmark {
  private static final byte[] BODY = new byte[1024];
  private static final byte[] REQUEST =
      """
      GET /items/17 HTTP/1.1\r
      Host: shop.example\r
      User-Agent: curl/8.5.0\r
      Accept: */*\r
      Accept-Encoding: gzip\r
      X-Request-Id: 0b5f7c1e-52d1-4b6e-9d0f-6a3c1f9e8d77\r
      \r
      """
          .getBytes(StandardCharsets.US_ASCII);

  @Param({"ours", "netty"})
  public String codec = "ours";

  private final ByteBuf request =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(REQUEST));
  private EmbeddedChannel channel = new EmbeddedChannel();

  @Setup(Level.Trial)
  public void open() {
    channel =
        codec.equals("ours")
            ? new EmbeddedChannel(ours())
            : new EmbeddedChannel(
                new HttpServerCodec(
                    new HttpDecoderConfig()
                        .setStrictLineParsing(true)
                        .setUseRfc9112TransferEncoding(true)
                        .setValidateHeaders(true)
                        .setAllowDuplicateContentLengths(false)),
                new NettyAnswer());
    if (exchange() < BODY.length) {
      throw new IllegalStateException(codec + ": no answer");
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    channel.finishAndReleaseAll();
  }

  /** Returns the bytes of the answer. */
  @Benchmark
  public int exchange() {
    channel.writeInbound(request.duplicate());
    channel.runPendingTasks();
    int bytes = 0;
    for (Object out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      bytes += ((ByteBuf) out).readableBytes();
      ReferenceCountUtil.release(out);
    }
    return bytes;
  }

  private static ChannelHandler ours() {
    HttpConnectionManagerConfig config =
        HttpConnectionManagerConfig.of(
            "codec",
            new RouteTable(List.of()),
            List.of(new HttpFilterConfig("router", "router", "", false)));
    return new H1ServerConnection(
        new H1ServerConfig(config, new Answer(), new StandingLoop(), new Stats().http("codec")));
  }

  /** Of our codec. */
  private static final class Answer implements RequestHandler, HttpStream.ServerEvents {
    @Override
    public HttpStream.ServerEvents onRequest(
        HttpStream.Server stream, RequestHead head, boolean endStream) {
      Headers fields = head.headers();
      fields.add("content-length", "1024");
      stream.sendHead(new ResponseHead(200, fields), false);
      stream.sendData(Body.of(BODY), true);
      return this;
    }

    @Override
    public void onRefused(HttpProtocol protocol, int status, String details) {
      throw new IllegalStateException(details);
    }

    @Override
    public void onData(Body data, boolean endStream) {}

    @Override
    public void onTrailers(Headers trailers) {}

    @Override
    public void onReset(ResetReason reason) {}

    @Override
    public void onWritabilityChanged(boolean writable) {}
  }

  /** Of Netty's. */
  private static final class NettyAnswer extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpRequest request) {
        HttpHeaders fields = request.headers();
        fields.set("content-length", "1024");
        context.write(
            new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, fields),
            context.voidPromise());
        context.writeAndFlush(
            new DefaultLastHttpContent(Unpooled.wrappedBuffer(BODY)), context.voidPromise());
      }
      ReferenceCountUtil.release(message);
    }
  }

  /** Whose timers never run out. */
  private static final class StandingLoop implements Dispatcher {
    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return Timer.NONE;
    }

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long currentTimeMillis() {
      return 0;
    }
  }
}
