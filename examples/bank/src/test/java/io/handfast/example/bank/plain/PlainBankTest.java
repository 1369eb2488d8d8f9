package io.handfast.example.bank.plain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.handfast.example.bank.Http;
import io.handfast.example.bank.Options;
import io.handfast.example.bank.ServiceMain.Running;
import io.handfast.example.bank.TestPostgres;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Router;
import io.handfast.example.bank.web.Web;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlainBankTest {
  private static final String ORDER =
      "{\"id\": \"%s\", \"from\": \"bank-a/alice\", \"to\": \"bank-b/%s\", \"amount\": %d}";

  private Web audit;
  private Running bankA;
  private Running bankB;
  private Running transfers;

  @BeforeEach
  void start() throws Exception {
    audit =
        Web.start(
            0,
            new Router()
                .on(
                    "GET",
                    "/limits",
                    call ->
                        Answer.ok(
                            Map.of(
                                "limit",
                                5_000,
                                "allowed",
                                call.requiredQueryNumber("amount") <= 5_000))),
            () -> {});
    bankA = bank("bank-a", "alice=1000");
    bankB = bank("bank-b", "bob=500");
    String[] args = {
      "--jdbc-url=" + TestPostgres.newDatabase(),
      "--banks=bank-a=http://127.0.0.1:%d,bank-b=http://127.0.0.1:%d"
          .formatted(bankA.port(), bankB.port())
    };
    transfers = TransfersMain.start(Options.parse(args, Map.of(), TransfersMain.OPTIONS));
  }

  private Running bank(String name, String accounts) throws Exception {
    String database = TestPostgres.newDatabase();
    String[] args = {
      "--name=" + name,
      "--jdbc-url=" + database,
      "--schema-jdbc-url=" + database,
      "--accounts=" + accounts,
      "--audit-url=http://127.0.0.1:" + audit.port()
    };
    return BankMain.start(Options.parse(args, Map.of(), BankMain.OPTIONS));
  }

  @AfterEach
  void stop() {
    transfers.close();
    bankA.close();
    bankB.close();
    audit.close();
  }

  @Test
  void shouldTakeAndGiveWhenTransferIsMade() throws Exception {
    // When
    Http.Response made = http(transfers).post("/transfers", ORDER.formatted("t", "bob", 300));
    Http.Response again = http(transfers).post("/transfers", ORDER.formatted("t", "bob", 300));

    // Then
    assertThat(made.status()).isEqualTo(201);
    assertThat(again.status()).isEqualTo(409);
    assertThat(http(transfers).get("/transfers/t").body()).isEqualTo(made.body());
    assertThat(http(transfers).get("/transfers").body()).hasSize(1);
    assertThat(balance(bankA, "alice")).isEqualTo(700);
    assertThat(balance(bankB, "bob")).isEqualTo(800);
    assertThat(http(bankA).get("/entries").body().toString())
        .isEqualTo("[{\"reference\":\"t\",\"account\":\"alice\",\"amount\":-300}]");
    assertThat(http(bankB).get("/accounts").body().toString())
        .isEqualTo("[{\"id\":\"bob\",\"balance\":800}]");
  }

  @Test
  void shouldLeaveHalfOfItBehindWhenABankRefusesAndThereIsNoMesh() throws Exception {
    // When
    Http.Response refused = http(transfers).post("/transfers", ORDER.formatted("t", "eve", 300));

    // Then
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.body().path("detail").asText()).isEqualTo("bank-b: account eve: not here");
    assertThat(balance(bankA, "alice")).isEqualTo(700);
    assertThat(http(transfers).get("/transfers/t").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /accounts/alice/withdraw, 1001, 422, 1000 available",
    "POST, /accounts/alice/withdraw, 5001, 422, at most 5000",
    "POST, /accounts/alice/withdraw, 0, 400, amount: 0",
    "POST, /accounts/eve/withdraw, 1, 404, eve",
    "POST, /accounts/eve/deposit, 1, 404, eve",
    "GET, /accounts/eve, 1, 404, eve",
  })
  void shouldBookNothingWhenRequestDoesNotFit(
      String method, String path, long amount, int status, String named) throws Exception {
    // When
    Http.Response response =
        http(bankA)
            .send(
                method, path, "{\"reference\": \"r\", \"amount\": %d}".formatted(amount), Map.of());

    // Then
    assertThat(response.status()).isEqualTo(status);
    assertThat(response.body().path("detail").asText()).contains(named);
    assertThat(http(bankA).get("/entries").body()).isEmpty();
    assertThat(balance(bankA, "alice")).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource({"beforeMs", "insideMs"})
  void shouldHoldBookingBackWhenDelayIsSet(String point) throws Exception {
    // Given
    Http.Response set = http(bankB).put("/admin/delays", "{\"" + point + "\": 60000}");

    // When
    CompletableFuture<?> held =
        CompletableFuture.runAsync(() -> {
          try {
            http(bankB).post("/accounts/bob/deposit", "{\"reference\": \"r\", \"amount\": 1}");
          } catch (Exception expectedWhenStopped) {
            Thread.currentThread().interrupt();
          }
        });

    // Then
    assertThat(set.status()).isEqualTo(204);
    await().until(() -> http(bankB).get("/admin/delays").body().path("waiting").asInt() == 1);
    assertThat(http(bankB).get("/entries").body()).isEmpty();
    assertThat(held).isNotDone();
  }

  private static long balance(Running bank, String account) throws Exception {
    JsonNode found = http(bank).get("/accounts/" + account).body();
    return found.path("balance").asLong();
  }

  private static Http http(Running service) {
    return new Http(service.port());
  }
}
