package io.handfast.benchmarks.h1;

import io.handfast.benchmarks.sidecar.Acceptor;
import io.handfast.benchmarks.sidecar.Sidecars;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A request with keep-alive and its answer, through a whole sidecar: its listener, codecs,
 * connection manager, filters, pool and event loop. The client, which sends on all of its
 * connections before it reads any, and the service allocate nothing, so that {@code -prof gc}
 * counts the sidecar's bytes alone. The time between is everybody's; {@link LoopCpu} says what the
 * loop took.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 6, time = 5)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-XX:+UseSerialGC",
      "-XX:+UseCompactObjectHeaders",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
public class H1RequestBenchmark {
  private static final int CONNECTIONS = 64;
  private static final int BODY_BYTES = 1024;
  private static final int MAX_ANSWER_BYTES = 4096;
  private static final int MAX_REQUEST_BYTES = 4096;

  /**
   * Which way: a listener with the router alone ({@code router}), or one with the transaction
   * filter, by a route without a transaction ({@code outside}), one on which a transaction begins
   * that changes nothing ({@code reading}), or one whose only branch is the service beside it
   * ({@code changing}: journal, commit and callback are in it).
   */
  @Param({"router", "outside", "reading", "changing"})
  public String way = "router";

  private final List<Talk> clients = new ArrayList<>();
  private @Nullable Acceptor service;
  private @Nullable Sidecar sidecar;
  private @Nullable Path journal;

  /** What curl sends. */
  private static byte[] request(String below) {
    return bytes(
        """
        GET /%s/items/17 HTTP/1.1
        Host: shop.example
        User-Agent: curl/8.5.0
        Accept: */*
        Accept-Encoding: gzip

        """
            .formatted(below));
  }

  /** What nginx answers, with its date. */
  private static byte[] answer() {
    return bytes(
        """
        HTTP/1.1 200 OK
        Server: nginx/1.22.1
        Date: Mon, 23 Nov 2026 00:00:00 GMT
        Content-Type: application/octet-stream
        Content-Length: %d
        Connection: keep-alive

        %s\
        """
            .formatted(BODY_BYTES, "x".repeat(BODY_BYTES)));
  }

  private static byte[] bytes(String lines) {
    return lines.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  @Setup(Level.Trial)
  public void start() throws IOException, StartException {
    byte[] answer = answer();
    Acceptor answering = new Acceptor(socket -> serve(socket, answer));
    service = answering;
    journal = Files.createTempDirectory("handfast-h1");
    Sidecar started = Sidecars.start(config(answering.port(), journal));
    sidecar = started;
    String listener = way.equals("router") ? "plain" : "mesh";
    byte[] request = request(way);
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.add(
          new Talk(
              SocketChannel.open(started.listenerAddress(listener).orElseThrow()),
              request,
              MAX_ANSWER_BYTES));
    }
  }

  /** Answers each request without a body by the same bytes. */
  private static void serve(SocketChannel socket, byte[] answer) throws IOException {
    try (Talk talk = new Talk(socket, answer, MAX_REQUEST_BYTES)) {
      while (true) {
        talk.receiveHead();
        talk.send();
      }
    }
  }

  private static String config(int service, Path journal) throws IOException {
    try (InputStream file =
        Objects.requireNonNull(H1RequestBenchmark.class.getResourceAsStream("sidecar.yaml"))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .replace("${service}", Integer.toString(service))
          .replace("${journal}", journal.toString());
    }
  }

  @Benchmark
  @OperationsPerInvocation(CONNECTIONS)
  public void request() throws IOException {
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.get(i).send();
    }
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.get(i).receive(BODY_BYTES);
    }
  }

  @TearDown(Level.Trial)
  public void stop() throws IOException {
    for (Talk client : clients) {
      client.close();
    }
    if (sidecar != null) {
      sidecar.close();
    }
    if (service != null) {
      service.close();
    }
    if (journal != null) {
      try (Stream<Path> files = Files.walk(journal)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
