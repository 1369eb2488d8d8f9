package io.handfast.example.bank;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.handfast.example.bank.ServiceMain.Running;
import io.handfast.example.bank.ServiceMain.Start;
import io.handfast.example.bank.v1.CreateTransferRequest;
import io.handfast.example.bank.v1.TransferServiceGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All services in one process, without a mesh, for as long as some transfers take: the run from
 * which a JVM learns what it needs to start any of them ({@code -XX:AOTCacheOutput}, JEP 514).
 *
 * <p>Arguments: the URLs of three empty databases, those of {@code transfers}, {@code bank-a} and
 * {@code bank-b}.
 */
public final class Training {
  private static final int ROUNDS = 20;

  private static final Metadata.Key<String> TRANSFER_ID =
      Metadata.Key.of("transfer-id", Metadata.ASCII_STRING_MARSHALLER);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Training() {}

  /** Runs it; exits with status 1 when a request fails. */
  public static void main(String[] args) throws Exception {
    new Training().run(List.of(args));
    System.exit(0); // the services' threads would keep this alive
  }

  private void run(List<String> urls) throws IOException, SQLException, InterruptedException {
    int auditPort = freePort();
    try (Running bankA = bank("bank-a", urls.get(1), "alice=100000", auditPort);
        Running bankB = bank("bank-b", urls.get(2), "bob=100000", auditPort);
        Running audit = audit(auditPort, bankA, bankB);
        Running transfers = transfers(urls.getFirst(), bankA, bankB)) {
      for (int i = 1; i <= ROUNDS; i++) {
        overHttp("http-" + i, transfers, bankA, bankB);
        overGrpc("grpc-" + i, transfers);
        send(audit, "GET", "/totals", "");
      }
    }
  }

  private static Running bank(String name, String url, String accounts, int auditPort)
      throws IOException, SQLException {
    return start(
        BankMain::start,
        BankMain.OPTIONS,
        "--name=" + name,
        "--grpc-port=0",
        "--jdbc-url=" + url,
        "--accounts=" + accounts,
        "--audit-url=http://127.0.0.1:" + auditPort);
  }

  private static Running audit(int port, Running bankA, Running bankB)
      throws IOException, SQLException {
    return start(
        AuditMain::start, AuditMain.OPTIONS, "--port=" + port, "--banks=" + http(bankA, bankB));
  }

  private static Running transfers(String url, Running bankA, Running bankB)
      throws IOException, SQLException {
    return start(
        TransfersMain::start,
        TransfersMain.OPTIONS,
        "--grpc-port=0",
        "--jdbc-url=" + url,
        "--banks=" + http(bankA, bankB),
        "--grpc-banks=bank-a=127.0.0.1:" + grpc(bankA) + ",bank-b=127.0.0.1:" + grpc(bankB));
  }

  private static Running start(Start main, Set<String> known, String... args)
      throws IOException, SQLException {
    return main.start(Options.parse(args, Map.of(), known));
  }

  private static String http(Running bankA, Running bankB) {
    return "bank-a=http://127.0.0.1:%d,bank-b=http://127.0.0.1:%d"
        .formatted(bankA.port(), bankB.port());
  }

  private static int grpc(Running service) {
    return service.grpc().orElseThrow().port();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void overHttp(String id, Running transfers, Running bankA, Running bankB)
      throws IOException, InterruptedException {
    String order =
        "{\"id\":\"%s\",\"from\":\"bank-a/alice\",\"to\":\"bank-b/bob\",\"amount\":1}"
            .formatted(id);
    send(transfers, "POST", "/transfers", order);
    send(transfers, "PUT", "/transfers/" + id + "/confirm", "");
    send(transfers, "GET", "/transfers", "");
    send(bankA, "PUT", "/reservations/" + id + "-debit/confirm", "");
    send(bankB, "PUT", "/reservations/" + id + "-credit/cancel", "");
    send(bankA, "GET", "/reservations?state=RESERVED", "");
    send(bankB, "GET", "/accounts", "");
  }

  private void send(Running service, String method, String path, String json)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
            .header("content-type", "application/json")
            .method(method, BodyPublishers.ofString(json))
            .build();
    int status = client.send(request, BodyHandlers.ofString()).statusCode();
    if (status >= 400) {
      throw new IOException(method + " " + path + " is answered " + status);
    }
  }

  private static void overGrpc(String id, Running transfers) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", grpc(transfers)).usePlaintext().build();
    try {
      Metadata metadata = new Metadata();
      metadata.put(TRANSFER_ID, id);
      CreateTransferRequest request =
          CreateTransferRequest.newBuilder()
              .setFrom("bank-a/alice")
              .setTo("bank-b/bob")
              .setAmount(1)
              .build();
      var created =
          TransferServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
              .createTransfer(request);
      if (!created.getId().equals(id)) {
        throw new IllegalStateException("made " + created + "(expected: " + id + ")");
      }
    } finally {
      channel.shutdownNow();
    }
  }
}
