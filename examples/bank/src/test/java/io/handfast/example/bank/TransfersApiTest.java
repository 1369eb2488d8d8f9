package io.handfast.example.bank;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.handfast.example.bank.ServiceMain.Running;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The four services together, without a mesh: what an ordinary team would test. */
final class TransfersApiTest {
  private final Services services = new Services();
  private Http bankA;
  private Http bankB;
  private Http transfers;

  @BeforeEach
  void start() throws Exception {
    Running a = services.bank("bank-a", "alice=1000");
    Running b = services.bank("bank-b", "bob=1000");
    bankA = new Http(a.port());
    bankB = new Http(b.port());
    transfers = new Http(services.transfers(a.port(), b.port()).port());
  }

  @AfterEach
  void stop() {
    services.close();
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
    Http broken = new Http(services.transfers(Services.freePort(), bankB.port()).port());

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
    Http service =
        new Http(services.transfers(recorder.getAddress().getPort(), bankB.port()).port());

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

  private static String transfer(String id, long amount) {
    return "{\"id\":\"%s\",\"from\":\"bank-a/alice\",\"to\":\"bank-b/bob\",\"amount\":%d}"
        .formatted(id, amount);
  }

  private static String state(Http service, String path) throws Exception {
    return service.get(path).body().path("state").asText();
  }
}
