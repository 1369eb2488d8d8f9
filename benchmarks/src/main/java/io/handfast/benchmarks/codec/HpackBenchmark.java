package io.handfast.benchmarks.codec;

import static java.util.Objects.requireNonNull;

import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.frame.Payload;
import io.handfast.proxy.http.h2.hpack.FieldSection;
import io.handfast.proxy.http.h2.hpack.HeaderDecoder;
import io.handfast.proxy.http.h2.hpack.HeaderEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The head of a call of gRPC, as it comes on a connection that has seen it before, read and written
 * for the next one: by our HPACK and by Netty's, with the validation that each has by default.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
public class HpackBenchmark {
  private static final int TABLE_BYTES = 4096;
  private static final int MAX_BYTES = 60 << 10;
  private static final int STREAM = 3;

  private final HeaderDecoder decoder =
      new HeaderDecoder(TABLE_BYTES, new HeaderDecoder.Bounds(MAX_BYTES, 100));
  private final HeaderEncoder encoder = new HeaderEncoder(TABLE_BYTES);
  private final DefaultHttp2HeadersDecoder nettyDecoder =
      new DefaultHttp2HeadersDecoder(true, MAX_BYTES);
  private final DefaultHttp2HeadersEncoder nettyEncoder = new DefaultHttp2HeadersEncoder();
  private final ByteBuf out = Unpooled.directBuffer(MAX_BYTES);

  /** The same section by the table that the first has made. */
  private ByteBuf again = Unpooled.EMPTY_BUFFER;

  @Setup
  public void meetFirst() throws Http2Exception, H2Exception {
    DefaultHttp2HeadersEncoder client = new DefaultHttp2HeadersEncoder();
    Http2Headers fields =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .path("/handfast.examples.bank.v1.TransferService/CreateTransfer")
            .authority("transfers.bank.svc.cluster.local:8080")
            .add("content-type", "application/grpc")
            .add("te", "trailers")
            .add("user-agent", "grpc-java-netty/1.85.1")
            .add("grpc-accept-encoding", "gzip")
            .add("grpc-timeout", "2S");
    ByteBuf first = Unpooled.directBuffer();
    client.encodeHeaders(STREAM, fields, first);
    decoder.decode(Payload.of(first));
    nettyDecoder.decodeHeaders(STREAM, first);
    again = Unpooled.directBuffer();
    client.encodeHeaders(STREAM, fields, again);
  }

  /** Returns the bytes of the section that goes on. */
  @Benchmark
  public int ours() throws H2Exception {
    FieldSection section = decoder.decode(Payload.of(again));
    int length =
        encoder
            .pseudo(":method", requireNonNull(section.method()))
            .pseudo(":scheme", requireNonNull(section.scheme()))
            .pseudo(":authority", requireNonNull(section.authority()))
            .pseudo(":path", requireNonNull(section.path()))
            .encode(section.fields());
    out.clear().writeBytes(encoder.section(), 0, length);
    return length;
  }

  /** Returns the bytes of the section that goes on. */
  @Benchmark
  public int nettys() throws Http2Exception {
    Http2Headers fields = nettyDecoder.decodeHeaders(STREAM, again.resetReaderIndex());
    out.clear();
    nettyEncoder.encodeHeaders(STREAM, fields, out);
    return out.readableBytes();
  }
}
