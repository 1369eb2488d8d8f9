package io.handfast.example.bank;

import com.fasterxml.jackson.databind.JsonNode;
import io.handfast.example.bank.web.Answer;
import io.handfast.example.bank.web.Call;
import io.handfast.example.bank.web.OutgoingCalls;
import io.handfast.example.bank.web.Router;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;

/** The REST interface of {@code audit}. */
final class AuditApi {

  /**
   * What {@code GET /limits} answers.
   *
   * @param limit the largest amount that may leave the account at once, cents
   */
  record Limit(String account, long amount, long limit, boolean allowed) {}

  /**
   * What {@code GET /totals} answers: the balances of all accounts, cents.
   *
   * @param banks by bank
   */
  record Totals(Map<String, Long> banks, long total) {}

  private final long limit;
  private final OutgoingCalls calls;
  private final Map<String, URI> banks;

  AuditApi(long limit, OutgoingCalls calls, Map<String, URI> banks) {
    this.limit = limit;
    this.calls = calls;
    this.banks = banks;
  }

  Router routes() {
    return new Router().on("GET", "/limits", this::limit).on("GET", "/totals", this::totals);
  }

  private Answer limit(Call call) {
    String account = call.requiredQuery("account");
    long amount = call.requiredQueryNumber("amount");
    return Answer.ok(new Limit(account, amount, limit, amount <= limit));
  }

  private Answer totals(Call call) throws InterruptedException {
    Map<String, Long> sums = new TreeMap<>();
    long total = 0;
    for (Map.Entry<String, URI> bank : banks.entrySet()) {
      long sum = 0;
      for (JsonNode account :
          calls.get(call.trace(), bank.getKey(), bank.getValue().resolve("/accounts"))) {
        sum += account.path("balance").asLong();
      }
      sums.put(bank.getKey(), sum);
      total += sum;
    }
    return Answer.ok(new Totals(sums, total));
  }
}
