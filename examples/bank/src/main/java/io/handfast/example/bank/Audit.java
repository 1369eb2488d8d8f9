package io.handfast.example.bank;

import com.fasterxml.jackson.databind.JsonNode;
import io.handfast.example.bank.web.OutgoingCalls;
import io.handfast.example.bank.web.Problem;
import io.handfast.example.bank.web.TraceContext;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** {@code audit}, as a bank sees it. Thread-safe. */
public final class Audit {
  private final OutgoingCalls calls;
  private final URI audit;
  private final String bank;

  /**
   * @param audit its base URL
   * @param bank the name of the bank that asks
   */
  public Audit(OutgoingCalls calls, URI audit, String bank) {
    this.calls = calls;
    this.audit = audit;
    this.bank = bank;
  }

  /** Where {@code --audit-url} says, asked by {@code --name}. */
  public static Audit of(Options options) {
    URI url = URI.create(options.required("audit-url"));
    return new Audit(new OutgoingCalls(), url, options.required("name"));
  }

  /** Throws the answer for the caller when so much may not leave the account at once. */
  public void checkLimit(TraceContext trace, String account, long amount)
      throws InterruptedException {
    String name = URLEncoder.encode(bank + "/" + account, StandardCharsets.UTF_8);
    URI uri = audit.resolve("/limits?account=" + name + "&amount=" + amount);
    JsonNode limit = calls.get(trace, "audit", uri);
    if (!limit.path("allowed").asBoolean()) {
      throw Problem.unprocessable(
          "Above Limit",
          "amount: %d (expected: at most %s)".formatted(amount, limit.path("limit")));
    }
  }
}
