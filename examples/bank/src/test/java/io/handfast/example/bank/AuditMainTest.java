package io.handfast.example.bank;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
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
    try (Web web = AuditMain.start(options)) {

      // When
      Http.Response response = new Http(web.port()).get(path);

      // Then
      assertThat(response.status()).isEqualTo(status);
      assertThat(response.body().toString()).contains(said);
    }
  }
}
