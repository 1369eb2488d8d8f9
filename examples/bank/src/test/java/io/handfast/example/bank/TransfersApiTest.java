package io.handfast.example.bank;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The four services together, without a mesh: what an ordinary team would test. */
final class TransfersApiTest {
  private final List<Web> services = new ArrayList<>();
  private int audit;
  private Http bankA;
  private Http bankB;
  private Http transfers;

  @BeforeEach
  void start() throws Exception {
    audit = audit();
    bankA = new Http(bank("bank-a", "alice=1000"));
    bankB = new Http(bank("bank-b", "bob=1000"));
    transfers = new Http(transfers(bankA.port()));
  }

  @AfterEach
  void stop() {
    services.forEach(Web::close);
  }

  @Test
  void shouldReserveAtBothBanksWhenTransferIsCreated() throws Exception {
    // When
    Http.Response created = transfers.post("/transfers", transfer("t1", 300));

    // Then
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.body().toString())
        .isEqualTo(
            "{\"id\":\"t1\",\"from\":\"bank-a/alice\",\"to\":\"bank-b/bob\",\"amount\":300}");
    assertThat(state(bankA, "/reservations/t1-debit")).isEqualTo("RESERVED");
    assertThat(state(bankB, "/reservations/t1-credit")).isEqualTo("RESERVED");
    assertThat(state(transfers, "/transfers/t1")).isEqualTo("PENDING");
  }

  @Test
  void shouldConfirmAndCancelOnceWhenRepeated() throws Exception {
    // Given
    transfers.post("/transfers", transfer("t1", 300));
    transfers.post("/transfers", transfer("t2", 300));

    // When
    for (int i = 0; i < 2; i++) {
      assertThat(transfers.put("/transfers/t1/confirm", "").status()).isEqualTo(204);
      assertThat(transfers.put("/transfers/t2/cancel", "").status()).isEqualTo(204);
    }

    // Then
    assertThat(state(transfers, "/transfers/t1")).isEqualTo("CONFIRMED");
    assertThat(state(transfers, "/transfers/t2")).isEqualTo("CANCELLED");
    assertThat(transfers.put("/transfers/t1/cancel", "").status()).isEqualTo(409);
    assertThat(transfers.put("/transfers/t2/confirm", "").status()).isEqualTo(409);
    assertThat(transfers.put("/transfers/t3/confirm", "").status()).isEqualTo(404);
  }

  @Test
  void shouldRefuseIdWhenItIsTaken() throws Exception {
    // Given
    transfers.post("/transfers", transfer("t1", 300));

    // When
    Http.Response again = transfers.post("/transfers", transfer("t1", 300));

    // Then
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.body().path("detail").asText()).contains("t1 is taken").contains("PENDING");
    assertThat(state(transfers, "/transfers/t1")).isEqualTo("PENDING");
  }

  @Test
  void shouldRefuseIdWhenCancelCameFirst() throws Exception {
    // Given
    transfers.put("/transfers/t1/cancel", "");

    // When
    Http.Response created = transfers.post("/transfers", transfer("t1", 300));

    // Then
    assertThat(created.status()).isEqualTo(409);
    assertThat(bankA.get("/reservations").body()).isEmpty();
  }

  @Test
  void shouldCancelItsOwnPartWhenFundsAreInsufficient() throws Exception {
    // When
    Http.Response created = transfers.post("/transfers", transfer("t1", 1001));

    // Then
    assertThat(created.status()).isEqualTo(422);
    assertThat(created.body().path("title").asText()).isEqualTo("Insufficient Funds");
    assertThat(created.body().path("detail").asText()).contains("bank-a", "1000 available");
    assertThat(state(transfers, "/transfers/t1")).isEqualTo("CANCELLED");
    assertThat(bankB.get("/reservations").body()).isEmpty();
  }

  @Test
  void shouldReserveNothingWhenAuditRefuses() throws Exception {
    // When
    Http.Response created = transfers.post("/transfers", transfer("t1", 5001));

    // Then
    assertThat(created.status()).isEqualTo(422);
    assertThat(created.body().path("detail").asText())
        .isEqualTo("bank-a: amount: 5001 (expected: at most 5000)");
    assertThat(bankA.get("/reservations").body()).isEmpty();
  }

  @Test
  void shouldAnswerBadGatewayWhenBankIsDown() throws Exception {
    // Given
    int free = freePort();
    Http broken = new Http(transfers(free));

    // When
    Http.Response created = broken.post("/transfers", transfer("t1", 300));

    // Then
    assertThat(created.status()).isEqualTo(502);
    assertThat(created.body().path("detail").asText()).contains("bank-a did not answer");
    assertThat(state(broken, "/transfers/t1")).isEqualTo("CANCELLED");
  }

  @Test
  void shouldRefuseTransferWhenBankIsUnknown() throws Exception {
    // When
    Http.Response created =
        transfers.post(
            "/transfers",
            """
            {"id": "t1", "from": "bank-x/eve", "to": "bank-b/bob", "amount": 1}
            """);

    // Then
    assertThat(created.status()).isEqualTo(422);
    assertThat(created.body().path("detail").asText())
        .isEqualTo("from: bank-x (expected one of: bank-a, bank-b)");
  }

  @Test
  void shouldAskForIdWhenClientGivesNone() throws Exception {
    // When
    Http.Response created =
        transfers.post(
            "/transfers",
            """
            {"from": "bank-a/alice", "to": "bank-b/bob", "amount": 1}
            """);

    // Then
    assertThat(created.status()).isEqualTo(400);
    assertThat(created.body().path("detail").asText()).startsWith("id: missing");
  }

  @Test
  void shouldForwardTraceContextAndNothingElseWhenItCallsOthers() throws Exception {
    // Given
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    HttpServer recorder =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    recorder.createContext(
        "/",
        exchange -> {
          var headers = exchange.getRequestHeaders();
          seen.add(
              String.join(
                  " ",
                  headers.getFirst("traceparent"),
                  headers.getFirst("tracestate"),
                  headers.getFirst("baggage"),
                  String.valueOf(headers.getFirst("tx-context"))));
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    recorder.start();
    Http service = new Http(transfers(recorder.getAddress().getPort()));

    // When
    service.send(
        "POST",
        "/transfers",
        transfer("t1", 300),
        Map.of(
            "traceparent",
            "00-a-b-01",
            "tracestate",
            "hf=1-2",
            "baggage",
            "k=v",
            "tx-context",
            "x"));
    recorder.stop(0);

    // Then
    assertThat(seen).containsExactly("00-a-b-01 hf=1-2 k=v null");
  }

  private int bank(String name, String accounts) throws Exception {
    String[] args = {
      "--name",
      name,
      "--jdbc-url",
      TestPostgres.newDatabase(),
      "--accounts",
      accounts,
      "--audit-url",
      url(audit)
    };
    return started(BankMain.start(Options.parse(args, Map.of(), BankMain.OPTIONS)));
  }

  private int audit() throws Exception {
    String[] args = {"--limit", "5000"};
    return started(AuditMain.start(Options.parse(args, Map.of(), AuditMain.OPTIONS)));
  }

  private int transfers(int bankAPort) throws Exception {
    String[] args = {
      "--jdbc-url",
      TestPostgres.newDatabase(),
      "--banks",
      "bank-a=" + url(bankAPort) + ",bank-b=" + url(bankB.port())
    };
    return started(TransfersMain.start(Options.parse(args, Map.of(), TransfersMain.OPTIONS)));
  }

  private int started(Web service) {
    services.add(service);
    return service.port();
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  private static String transfer(String id, long amount) {
    return "{\"id\":\"%s\",\"from\":\"bank-a/alice\",\"to\":\"bank-b/bob\",\"amount\":%d}"
        .formatted(id, amount);
  }

  private static String state(Http service, String path) throws Exception {
    return service.get(path).body().path("state").asText();
  }
}
