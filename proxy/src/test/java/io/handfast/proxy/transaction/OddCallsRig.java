package io.handfast.proxy.transaction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireRequest;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeRequest;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.TransactionControlGrpc;
import io.handfast.transaction.v1.TransactionControlGrpc.TransactionControlBlockingStub;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A whole sidecar in this process, a service beside it, and what one needs to talk to it. */
final class OddCallsRig implements AutoCloseable {
  static final String TX = "018f3c2a9d0e7b31a4c5d6e7f8091a2b";
  static final String BRANCH = "00000000000000aa";

  private final HttpServer service;
  private final Sidecar sidecar;
  private final ManagedChannel channel;
  private final String authority;
  private final String storeId;
  private volatile CountDownLatch gate = new CountDownLatch(0);

  /** What the service was asked for, in order. */
  final List<String> seen = new CopyOnWriteArrayList<>();

  OddCallsRig(Path journal) throws Exception {
    service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    AtomicInteger served = new AtomicInteger();
    service.createContext(
        "/",
        exchange -> {
          seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
          pass();
          SidecarRig.answer(exchange, 200, "served " + served.incrementAndGet());
          exchange.close();
        });
    service.start();
    String yaml =
        resource()
            .replace("${journal}", journal.toString())
            .replace("${service}", String.valueOf(service.getAddress().getPort()));
    sidecar = Sidecars.start(yaml);
    JsonNode list = new ObjectMapper().readTree(body(admin("/transactions")));
    authority = list.path("authority").asText();
    storeId = list.path("storeId").asText();
    channel = NettyChannelBuilder.forTarget(authority).usePlaintext().build();
  }

  private static String resource() throws IOException {
    try (InputStream yaml =
        Objects.requireNonNull(OddCallsRig.class.getResourceAsStream("odd-calls.yaml"))) {
      return new String(yaml.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void pass() {
    try {
      if (!gate.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the service: held for 30 s (expected: let go before)");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The service answers nobody until the gate is open. */
  CountDownLatch holdService() {
    gate = new CountDownLatch(1);
    return gate;
  }

  String storeId() {
    return storeId;
  }

  /** A well-formed context that names this sidecar in all roles. */
  String context(long remainingMs) {
    return "tx-context: 00-%s-%s-00;d=%s@%s;v=%s;t=%d"
        .formatted(TX, BRANCH, storeId, authority, authority, remainingMs);
  }

  String inbound(String header) throws IOException {
    return RawHttp.post(port("in"), "/reservations", "{}", header);
  }

  CompletableFuture<String> inboundLater(String header) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            answer.complete(inbound(header));
          } catch (IOException e) {
            answer.completeExceptionally(e);
          }
        });
    return answer;
  }

  String outbound(String header) throws IOException {
    return RawHttp.post(port("out"), "/reservations", "{}", header);
  }

  private int port(String listener) {
    return sidecar.listenerAddress(listener).orElseThrow().getPort();
  }

  String admin(String path) throws IOException {
    return RawHttp.get(sidecar.adminAddress().getPort(), path);
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  double count(String meter) {
    return sidecar.stats().meters().counter(meter).count();
  }

  private TransactionControlBlockingStub control() {
    return TransactionControlGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  private static Sender sender() {
    return Sender.newBuilder()
        .setProtocolVersion(1)
        .setService("by-hand")
        .setAuthority("127.0.0.1:1")
        .setStoreId("j.by-hand")
        .setIncarnation(1)
        .build();
  }

  private static ByteString tx() {
    return ByteString.copyFrom(HexFormat.of().parseHex(TX));
  }

  private static long branch() {
    return Long.parseUnsignedLong(BRANCH, 16);
  }

  /** Tells the branch its outcome, in the name of this sidecar's own store. */
  Acknowledgement tell(Outcome outcome) {
    OutcomeItem item =
        OutcomeItem.newBuilder()
            .setTxId(tx())
            .setBranchId(branch())
            .setOutcome(outcome)
            .setDecider(storeId)
            .setStoreId(storeId)
            .setAwaited(true)
            .build();
    return control()
        .outcome(OutcomeRequest.newBuilder().setSender(sender()).addItems(item).build())
        .getResults(0)
        .getAcknowledgement();
  }

  /** Asks for the outcome as a participant would. */
  Answer inquire(String decider) {
    InquireItem item =
        InquireItem.newBuilder()
            .setTxId(tx())
            .setBranchId(branch())
            .setDecider(decider)
            .setParticipant("127.0.0.1:1")
            .build();
    return control()
        .inquire(InquireRequest.newBuilder().setSender(sender()).addItems(item).build())
        .getResults(0)
        .getAnswer();
  }

  @Override
  public void close() {
    gate.countDown();
    channel.shutdownNow();
    sidecar.close();
    service.stop(0);
  }
}
