package io.handfast.demo.town;

import com.fasterxml.jackson.databind.JsonNode;
import io.handfast.demo.town.Ports.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A sidecar process and its admin interface. Thread-safe. */
public final class Sidecar {
  private static final Duration START = Duration.ofSeconds(30);

  private final Member member;
  private final ChildProcess process;
  private final int adminPort;
  private final Rest rest;

  /**
   * What it still has to do.
   *
   * @param inFlight transactions that have not ended here
   * @param inDoubt branches that have voted and do not know the outcome
   */
  public record Load(int inFlight, int inDoubt) {}

  /** Something that happened to a transaction, {@code afterMs} after the first. */
  public record Moment(long timeMs, long afterMs, String event, String state) {}

  Sidecar(Member member, ChildProcess process, int adminPort, Rest rest) {
    this.member = member;
    this.process = process;
    this.adminPort = adminPort;
    this.rest = rest;
  }

  public Member member() {
    return member;
  }

  int adminPort() {
    return adminPort;
  }

  public ChildProcess process() {
    return process;
  }

  public void awaitReady() throws InterruptedException {
    boolean ready =
        Await.within(
            START, () -> rest.answers(adminPort, "/ready") || failIfGone(member.title, process));
    if (!ready) {
      throw new DemoFailure(
          "the sidecar of " + member.title + " is not ready:\n" + process.lastWords());
    }
  }

  private static boolean failIfGone(String title, ChildProcess process) {
    if (!process.isRunning()) {
      throw new DemoFailure("the sidecar of " + title + " has ended:\n" + process.lastWords());
    }
    return false;
  }

  /** Empty when it does not answer. */
  public Optional<Load> load() throws InterruptedException {
    return list().map(list -> new Load(list.path("inFlight").size(), list.path("inDoubt").asInt()));
  }

  /** The ids of the transactions that have not ended here, newest first. */
  public List<String> inFlight() throws InterruptedException {
    List<String> ids = new ArrayList<>();
    list()
        .ifPresent(list -> list.path("inFlight").forEach(tx -> ids.add(tx.path("txId").asText())));
    return ids;
  }

  private Optional<JsonNode> list() throws InterruptedException {
    return get("/transactions").filter(list -> list.path("inFlight").isArray());
  }

  /** What happened to a transaction here, oldest first; empty when it is not known here. */
  public List<Moment> timeline(String txId) throws InterruptedException {
    List<Moment> moments = new ArrayList<>();
    get("/transactions/" + txId)
        .ifPresent(detail ->
            detail
                .path("timeline")
                .forEach(entry ->
                    moments.add(
                        new Moment(
                            entry.path("timeMs").asLong(),
                            entry.path("afterMs").asLong(),
                            entry.path("event").asText(),
                            entry.path("state").asText()))));
    return moments;
  }

  /** What a counter of its metrics says, in Prometheus' format; 0 where it says nothing. */
  public long counter(String name) throws InterruptedException {
    try {
      return rest.text(adminPort, "/stats/prometheus")
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private Optional<JsonNode> get(String path) throws InterruptedException {
    try {
      Rest.Reply reply = rest.get(adminPort, path);
      return reply.status() == 200 ? Optional.of(reply.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
