package io.handfast.example.bank;

import io.handfast.example.bank.web.OutgoingCalls;
import io.handfast.example.bank.web.TraceContext;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Banks that are asked over HTTP. */
final class BanksByHttp implements Banks {
  private final OutgoingCalls calls;
  private final Map<String, URI> urls;

  BanksByHttp(OutgoingCalls calls, Map<String, URI> urls) {
    this.calls = calls;
    this.urls = urls;
  }

  @Override
  public Set<String> names() {
    return urls.keySet();
  }

  @Override
  public void reserve(TraceContext trace, String bank, Reservation.Order order)
      throws InterruptedException {
    URI url = Objects.requireNonNull(urls.get(bank), bank);
    calls.post(trace, bank, url.resolve("/reservations"), order);
  }
}
