package io.handfast.example.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.example.bank.ServiceMain.Running;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Router;
import io.handfast.example.bank.web.Web;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AuditMainTest {

  @ParameterizedTest
  @CsvSource({
    "/limits?account=bank-a%2Falice&amount=5000, 200, true",
    "/limits?account=bank-a%2Falice&amount=5001, 200, false",
    "/limits?account=bank-a%2Falice, 400, amount: missing",
    "/limits?amount=1, 400, account: missing",
    "/limits?account=bank-a%2Falice&amount=much, 400, much",
  })
  void shouldSayWhetherAmountIsAllowedWhenAsked(String path, int status, String said)
      throws Exception {
    // Given
    Options options = Options.parse(new String[] {"--limit=5000"}, Map.of(), AuditMain.OPTIONS);
    try (Running web = AuditMain.start(options)) {

      // When
      Http.Response response = new Http(web.port()).get(path);

      // Then
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.body().toString()).contains(said);
    }
  }

  @Test
  void shouldSumAllAccountsWhenTotalsAreAsked() throws Exception {
    // Given
    Router bank =
        new Router()
            .on(
                "GET",
                "/accounts",
                call ->
                    Answer.ok(List.of(new Account("alice", 700, 300), new Account("bob", 5, 0))));
    try (Web bankA = Web.start(0, bank, () -> {});
        Running audit = audit("bank-a=http://127.0.0.1:" + bankA.port())) {

      // When
      Http.Response response = new Http(audit.port()).get("/totals");

      // Then
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.body().toString())
          .isEqualTo("{\"banks\":{\"bank-a\":705},\"total\":705}");
    }
  }

  @Test
  void shouldNameTheBankWhenItIsDown() throws Exception {
    // Given
    Web bankB = Web.start(0, new Router(), () -> {});
    bankB.close();
    try (Running audit = audit("bank-b=http://127.0.0.1:" + bankB.port())) {

      // When
      Http.Response response = new Http(audit.port()).get("/totals");

      // Then
      assertThat(response.status()).isEqualTo(502);
      assertThat(response.body().path("detail").asText()).startsWith("bank-b did not answer");
    }
  }

  private static Running audit(String banks) throws Exception {
    String[] args = {"--banks", banks};
    return AuditMain.start(Options.parse(args, Map.of(), AuditMain.OPTIONS));
  }
}
