package io.handfast.demo.story;

import com.fasterxml.jackson.databind.JsonNode;
import io.handfast.demo.story.Books.Findings;
import io.handfast.demo.town.Await;
import io.handfast.demo.town.DemoFailure;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Rest;
import io.handfast.demo.town.Sidecar;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at every database and every sidecar and compares with what the clients were told. It asks
 * the services directly, not through their sidecars, but for audit's own count.
 */
final class Auditor {
  private static final Duration RECOVERY = Duration.ofSeconds(20);
  private static final int ALL = 100_000;

  private final Town town;
  private final Teller teller;

  Auditor(Town town, Teller teller) {
    this.town = town;
    this.teller = teller;
  }

  /** Waits until every sidecar has done what it owes, then looks. */
  Findings look() throws IOException, InterruptedException {
    // A sidecar that is not done in time is found by the comparison, and named.
    Await.within(RECOVERY, this::settled);
    return read().compareWith(teller.receipts());
  }

  private boolean settled() throws InterruptedException {
    for (Sidecar sidecar : town.sidecars()) {
      if (sidecar.load().filter(load -> load.inFlight() == 0 && load.inDoubt() == 0).isEmpty()) {
        return false;
      }
    }
    return town.kind() != Kind.DATABASE || town.prepared().isEmpty();
  }

  private Books read() throws IOException, InterruptedException {
    Map<String, Integer> inFlight = new HashMap<>();
    int inDoubt = 0;
    for (Sidecar sidecar : town.sidecars()) {
      Optional<Sidecar.Load> load = sidecar.load();
      load.ifPresent(known -> inFlight.put(sidecar.member().title, known.inFlight()));
      inDoubt += load.map(Sidecar.Load::inDoubt).orElse(0);
    }
    boolean plain = town.kind() == Kind.DATABASE;
    Map<String, String> reservations = new HashMap<>();
    Map<String, Long> balances = new HashMap<>();
    Map<String, Long> reserved = new HashMap<>();
    for (Member bank : List.of(Member.BANK_A, Member.BANK_B)) {
      reservations.putAll(plain ? entries(bank) : states(bank, "/reservations", "key"));
      for (JsonNode account : rows(bank, "/accounts")) {
        String name = bank.title + "/" + account.path("id").asText();
        balances.put(name, account.path("balance").asLong());
        // In plain SQL nothing is set aside.
        reserved.put(name, account.path("reserved").asLong(0));
      }
    }
    Map<String, String> transfers = states(Member.TRANSFERS, "/transfers", "id");
    List<String> prepared = plain ? town.prepared() : List.of();
    return new Books(
        inFlight, inDoubt, transfers, reservations, balances, reserved, audited(), prepared);
  }

  /** In plain SQL what is there has happened. */
  static String state(Kind kind, Rest.Reply reply) {
    return kind == Kind.DATABASE
        ? reply.status() == 200 ? Books.CONFIRMED : Books.ABSENT
        : reply.body().path("state").asText(Books.ABSENT);
  }

  /** What a bank in plain SQL has booked, by the names that reservations have elsewhere. */
  private Map<String, String> entries(Member bank) throws IOException, InterruptedException {
    Map<String, String> states = new HashMap<>();
    for (JsonNode row : rows(bank, "/entries?limit=" + ALL)) {
      String side = row.path("amount").asLong() < 0 ? "-debit" : "-credit";
      // Nobody guards against a second one but the mesh.
      states.merge(
          row.path("reference").asText() + side, Books.CONFIRMED, (one, other) -> "BOOKED TWICE");
    }
    return states;
  }

  /** What audit counts: it is asked through its sidecar, and asks the banks through theirs. */
  private long audited() throws IOException, InterruptedException {
    Rest.Reply reply = town.rest().get(town.ports().inbound(Member.AUDIT), "/totals");
    if (reply.status() != 200) {
      throw new DemoFailure("audit answers " + reply.status() + " to GET /totals: " + reply.body());
    }
    return reply.body().path("total").asLong();
  }

  private Map<String, String> states(Member member, String path, String key)
      throws IOException, InterruptedException {
    Map<String, String> states = new HashMap<>();
    for (JsonNode row : rows(member, path + "?limit=" + ALL)) {
      states.put(row.path(key).asText(), row.path("state").asText(Books.CONFIRMED));
    }
    return states;
  }

  private JsonNode rows(Member member, String path) throws IOException, InterruptedException {
    Rest.Reply reply = town.rest().get(town.ports().service(member), path);
    if (reply.status() != 200 || !reply.body().isArray()) {
      throw new DemoFailure(member.title + " answers " + reply.status() + " to GET " + path);
    }
    return reply.body();
  }
}
