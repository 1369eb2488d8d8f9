package io.handfast.example.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.example.bank.ServiceMain.Running;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BankApiTest {
  private static final String DEBIT =
      """
      {"key": "k", "account": "alice", "kind": "DEBIT", "amount": 300}
      """;

  private Running audit;
  private Running web;
  private Http http;

  @BeforeEach
  void start() throws Exception {
    audit =
        AuditMain.start(Options.parse(new String[] {"--limit=600"}, Map.of(), AuditMain.OPTIONS));
    String[] args = {
      "--name=bank-a",
      "--jdbc-url",
      TestPostgres.newDatabase(),
      "--port=0",
      "--accounts",
      "alice=1000,bob=500",
      "--audit-url",
      "http://127.0.0.1:" + audit.port()
    };
    web = BankMain.start(Options.parse(args, Map.of(), BankMain.OPTIONS));
    http = new Http(web.port());
  }

  @AfterEach
  void stop() {
    web.close();
    audit.close();
  }

  @Test
  void shouldReserveAndConfirmWhenAskedOverHttp() throws Exception {
    // When
    Http.Response reserved = http.post("/reservations", DEBIT);
    Http.Response open = http.get("/reservations?state=RESERVED");
    Http.Response confirmed = http.put("/reservations/k/confirm", "");

    // Then
    assertThat(reserved.status()).isEqualTo(201);
    assertThat(reserved.body().path("state").asText()).isEqualTo("RESERVED");
    assertThat(open.body()).hasSize(1);
    assertThat(confirmed.status()).isEqualTo(204);
    assertThat(http.get("/reservations/k").body().path("state").asText()).isEqualTo("CONFIRMED");
    assertThat(http.get("/accounts/alice").body().path("balance").asLong()).isEqualTo(700);
  }

  @Test
  void shouldRememberKeyWhenCancelComesFirst() throws Exception {
    // When
    Http.Response cancelled = http.put("/reservations/k/cancel", "");
    Http.Response again = http.put("/reservations/k/cancel", "");
    Http.Response reserved = http.post("/reservations", DEBIT);

    // Then
    assertThat(cancelled.status()).isEqualTo(204);
    assertThat(again.status()).isEqualTo(204);
    assertThat(reserved.status()).isEqualTo(409);
    assertThat(reserved.body().path("detail").asText()).contains("k is cancelled");
  }

  @ParameterizedTest
  @CsvSource({"DEBIT, 600, 201", "DEBIT, 601, 422", "CREDIT, 601, 201"})
  void shouldAskAuditWhenMoneyIsToLeave(String kind, long amount, int status) throws Exception {
    // When
    Http.Response reserved =
        http.post(
            "/reservations",
            "{\"key\": \"k\", \"account\": \"alice\", \"kind\": \"%s\", \"amount\": %d}"
                .formatted(kind, amount));

    // Then
    assertThat(reserved.status()).isEqualTo(status);
    assertThat(http.get("/reservations").body()).hasSize(status == 201 ? 1 : 0);
  }

  @Test
  void shouldReserveNothingWhenAuditIsDown() throws Exception {
    // Given
    audit.close();

    // When
    Http.Response reserved = http.post("/reservations", DEBIT);

    // Then
    assertThat(reserved.status()).isEqualTo(502);
    assertThat(reserved.body().path("detail").asText()).startsWith("audit did not answer");
    assertThat(http.get("/reservations").body()).isEmpty();
  }

  @Test
  void shouldShowWhatIsAvailableWhenAccountsAreListed() throws Exception {
    // Given
    http.post("/reservations", DEBIT);

    // When
    Http.Response accounts = http.get("/accounts");

    // Then
    assertThat(accounts.body().toString())
        .isEqualTo(
            "[{\"id\":\"alice\",\"balance\":1000,\"reserved\":300,\"available\":700},"
                + "{\"id\":\"bob\",\"balance\":500,\"reserved\":0,\"available\":500}]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"account\":\"alice\",\"kind\":\"DEBIT\",\"amount\":1} | key: missing",
        "{\"key\":\"a/b\",\"account\":\"alice\",\"kind\":\"DEBIT\",\"amount\":1} | key: a/b",
        "{\"key\":\"k\",\"kind\":\"DEBIT\",\"amount\":1} | account: missing",
        "{\"key\":\"k\",\"account\":\"alice\",\"amount\":1} | kind: missing",
        "{\"key\":\"k\",\"account\":\"alice\",\"kind\":\"LEND\",\"amount\":1} | LEND",
        "{\"key\":\"k\",\"account\":\"alice\",\"kind\":\"DEBIT\",\"amount\":0} | amount: 0",
        "{\"key\":\"k\",\"account\":\"alice\",\"kind\":\"DEBIT\",\"amount\":1.5} | 1.5",
        "{\"key\":\"k\",\"account\":\"alice\",\"kind\":\"DEBIT\",\"amount\":1,\"colour\":\"red\"} | colour",
        "{\"key\": | not JSON",
        "null | expected: a JSON object",
      })
  void shouldNameTheFieldWhenReservationIsBad(String body, String named) throws Exception {
    // When
    Http.Response response = http.post("/reservations", body);

    // Then
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body().path("detail").asText()).contains(named);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nothing, 404",
    "GET, /accounts/nobody, 404",
    "GET, /reservations/none, 404",
    "GET, /reservations?state=LOST, 400",
    "GET, /reservations?limit=many, 400",
    "PUT, /reservations/none/confirm, 404",
    "DELETE, /accounts, 405",
  })
  void shouldAnswerProblemWhenRequestDoesNotFit(String method, String path, int status)
      throws Exception {
    // When
    Http.Response response = http.send(method, path, "", Map.of());

    // Then
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.body().path("title").asText()).isNotEmpty();
  }

  @Test
  void shouldRefuseBodyWhenItIsTooLarge() throws Exception {
    // When
    Http.Response response = http.post("/reservations", "x".repeat(64 * 1024 + 1));

    // Then
    assertThat(response.status()).isEqualTo(413);
  }

  @Test
  void shouldHoldReserveBackWhenDelayIsSet() throws Exception {
    // Given
    Http.Response set = http.put("/admin/delays", "{\"reserveBeforeMs\": 60000}");

    // When
    CompletableFuture<?> held =
        CompletableFuture.runAsync(() -> {
          try {
            http.post("/reservations", DEBIT);
          } catch (Exception expectedWhenStopped) {
            Thread.currentThread().interrupt();
          }
        });

    // Then
    assertThat(set.status()).isEqualTo(204);
    await().until(() -> http.get("/admin/delays").body().path("waiting").asInt() == 1);
    assertThat(http.get("/reservations").body()).isEmpty();
    assertThat(held).isNotDone();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"confirmBeforeMs\": -1} | confirmBeforeMs: -1 (expected: 0 to 60000)",
        "{\"confirmBeforeMs\": 1.5} | confirmBeforeMs: 1.5 (expected: 0 to 60000)",
        "{\"colour\": 1} | colour: unknown (expected one of: reserveBeforeMs,",
        "[1] | body: not an object",
      })
  void shouldNameTheFieldWhenDelayIsBad(String body, String named) throws Exception {
    // When
    Http.Response response = http.put("/admin/delays", body);

    // Then
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body().path("detail").asText()).startsWith(named);
  }
}
