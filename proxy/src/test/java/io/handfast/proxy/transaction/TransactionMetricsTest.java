package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.BRANCH;
import static io.handfast.proxy.transaction.Policies.CONTEXT;
import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.boundary;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.Sender;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Peer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Statistic;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What two sidecars count in one run on real sockets and journals, meter by meter. */
final class TransactionMetricsTest {
  private static final Path DOCUMENT = Path.of("../docs/METRICS.md");
  private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(handfast_tx_[a-z_]+)` ");
  private static final Pattern REASON =
      Pattern.compile("(?m)^\\| `(aborted|unknown)` \\| `([a-z-]+)` \\|");

  /**
   * Of the control service, which this run does without: GoldenMessagesTest counts its messages.
   */
  private static final Set<String> CONTROL =
      Set.of("handfast_tx_control_batch", "handfast_tx_control_unanswered_total");

  @TempDir private static Path directory;
  private static SidecarRig front;
  private static SidecarRig bank;

  /**
   * Two commits, one of them told twice; one abort; one hazard; a branch of a stranger that stays
   * in doubt, called twice, whose outcome somebody else tells; and requests that are refused.
   */
  @BeforeAll
  static void run() throws Exception {
    Neighbours peers = new Neighbours();
    CompletableFuture<Integer> toBank = new CompletableFuture<>();
    front =
        new SidecarRig(
            "front",
            directory,
            peers,
            exchange -> {
              String wish =
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
              SidecarRig.send(toBank.join(), "POST", wish, SidecarRig.carried(exchange));
              SidecarRig.answer(exchange, 201, "done");
            });
    bank =
        new SidecarRig(
            "bank",
            directory,
            peers,
            exchange -> {
              String wish =
                  new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
              SidecarRig.answer(exchange, wish.equals("no") ? 422 : 200, "bank");
            });
    int bankPort = bank.inbound(participant(callback()), true);
    toBank.complete(front.outbound(RoutePolicy.NONE, bankPort, MESH));
    int client = front.inbound(boundary(callback(), 1 << 20), false);

    assertThat(SidecarRig.send(client, "POST", "yes").statusCode()).isEqualTo(201);
    ControlHandler cut = Objects.requireNonNull(peers.remove("bank:15014"));
    assertThat(SidecarRig.send(client, "POST", "yes").statusCode()).isEqualTo(201);
    await().until(() -> count(front, "handfast.tx.redeliveries") >= 1);
    peers.add("bank:15014", cut);
    await().until(() -> value(front, "handfast.tx.in.flight", null, null) == 0);
    assertThat(SidecarRig.send(client, "POST", "no").statusCode()).isEqualTo(409);
    bank.completionStatus = 422;
    assertThat(SidecarRig.send(client, "POST", "yes").statusCode()).isEqualTo(500);
    bank.completionStatus = 200;
    stranger(bankPort);
    assertThat(SidecarRig.send(bankPort, "POST", "yes").statusCode()).isEqualTo(400);
    await().until(() -> value(front, "handfast.tx.in.flight", null, null) == 0);
    await().until(() -> value(bank, "handfast.tx.branches.in.flight", null, null) == 1);
  }

  /** A coordinator that nobody reaches. */
  private static void stranger(int bankPort) throws Exception {
    String late = CONTEXT.replace(BRANCH, "00000000000000bb").replace("t=5000", "t=0");
    assertThat(SidecarRig.send(bankPort, "POST", "yes", "tx-context", late).statusCode())
        .isEqualTo(504);
    String soon = CONTEXT.replace("t=5000", "t=3000");
    for (int i = 0; i < 2; i++) {
      assertThat(SidecarRig.send(bankPort, "POST", "yes", "tx-context", soon).statusCode())
          .isEqualTo(200);
    }
    await().until(() -> count(bank, "handfast.tx.inquiries") >= 2);
    OutcomeItem forged =
        OutcomeItem.newBuilder()
            .setTxId(ByteString.copyFrom(HexFormat.of().parseHex(CONTEXT.substring(3, 35))))
            .setBranchId(Long.parseUnsignedLong(BRANCH, 16))
            .setOutcome(Outcome.COMMIT)
            .setDecider("j.somebody-else")
            .setStoreId(bank.engine.control().self().getStoreId())
            .build();
    CompletableFuture<Object> told = new CompletableFuture<>();
    bank.engine
        .control()
        .onOutcome(Sender.getDefaultInstance(), new Peer.Unproved(), forged, told::complete);
    told.join();
  }

  @AfterAll
  static void close() {
    front.close();
    bank.close();
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "front, handfast.tx.begun, -, -, 4",
        "front, handfast.tx.outcomes, outcome, committed, 2",
        "front, handfast.tx.outcomes, reason, transaction-aborted, 1",
        "front, handfast.tx.outcomes, reason, heuristic-hazard, 1",
        "front, handfast.tx.outcomes, reason, client-gone, 0",
        "front, handfast.tx.duration, outcome, committed, 2",
        "front, handfast.tx.in.flight, -, -, 0",
        "front, handfast.tx.branches, -, -, 4",
        "front, handfast.tx.votes, vote, prepared, 3",
        "front, handfast.tx.votes, vote, abort, 1",
        "front, handfast.tx.heuristic, kind, hazard, 1",
        "front, handfast.tx.illegal.transitions, -, -, 0",
        "front, handfast.tx.in.doubt, -, -, 0",
        "front, handfast.tx.yes.probability, service, front, 1",
        "bank, handfast.tx.begun, -, -, 0",
        "front, handfast.tx.phase, state, deciding, 3",
        "front, handfast.tx.phase, state, committing, 3",
        "front, handfast.tx.branch.phase, state, working, 4",
        "bank, handfast.tx.branch.phase, state, beginning, 5",
        "bank, handfast.tx.branches, -, -, 5",
        "bank, handfast.tx.branches.in.flight, -, -, 1",
        "bank, handfast.tx.votes, vote, prepared, 4",
        "bank, handfast.tx.votes, vote, abort, 1",
        "bank, handfast.tx.votes, vote, read-only, 0",
        "bank, handfast.tx.duplicates, -, -, 1",
        "bank, handfast.tx.context.missing, -, -, 1",
        "bank, handfast.tx.refused, reason, deadline, 1",
        "bank, handfast.tx.refused, reason, max-branches, 0",
        "bank, handfast.tx.outcome.refused, -, -, 1",
        "front, handfast.tx.vote.refused, -, -, 0",
        "bank, handfast.tx.heuristic, kind, hazard, 1",
        "bank, handfast.tx.heuristic, kind, mixed, 0",
        "bank, handfast.tx.heuristic.kept, -, -, 1",
        "bank, handfast.tx.in.doubt, -, -, 1",
        "bank, handfast.tx.illegal.transitions, -, -, 0",
      })
  void shouldCountExactly(
      String sidecar, String meter, @Nullable String tag, @Nullable String is, double expected) {
    assertThat(value(rig(sidecar), meter, tag, is)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "front, handfast.tx.redeliveries, -, -, 1, 1000",
        "front, handfast.tx.yes.probability, service, bank, 0.7, 0.95",
        "front, handfast.tx.success.probability, boundary, /, 0.7, 0.95",
        "bank, handfast.tx.inquiries, -, -, 1, 1000",
      })
  void shouldCountAbout(
      String sidecar,
      String meter,
      @Nullable String tag,
      @Nullable String is,
      double least,
      double most) {
    assertThat(value(rig(sidecar), meter, tag, is)).isBetween(least, most);
  }

  @Test
  void shouldDocumentEveryMeterAndNoOther() throws Exception {
    // Given
    Set<String> documented = new TreeSet<>();
    Matcher row = DOCUMENTED.matcher(Files.readString(DOCUMENT));
    while (row.find()) {
      documented.add(row.group(1));
    }

    // When
    Set<String> registered = new TreeSet<>(CONTROL);
    PrometheusNamingConvention names = new PrometheusNamingConvention();
    for (Meter meter : front.meters.getMeters()) {
      Meter.Id id = meter.getId();
      if (id.getName().startsWith("handfast.tx.") && id.syntheticAssociation() == null) {
        registered.add(scraped(names.name(id.getName(), id.getType(), id.getBaseUnit()), id));
      }
    }

    // Then
    assertThat(registered).isEqualTo(documented);
  }

  @Test
  void shouldDocumentEveryReasonAndNoOther() throws Exception {
    // Given
    Set<String> documented = new TreeSet<>();
    Matcher row = REASON.matcher(Files.readString(DOCUMENT));
    while (row.find()) {
      documented.add(row.group(1) + " " + row.group(2));
    }

    // When
    Set<String> counted = new TreeSet<>();
    for (Meter meter : front.meters.get("handfast.tx.outcomes").meters()) {
      String reason = Objects.requireNonNull(meter.getId().getTag("reason"));
      if (!reason.isEmpty()) {
        counted.add(meter.getId().getTag("outcome") + " " + reason);
      }
    }

    // Then
    assertThat(counted).isEqualTo(documented);
  }

  /** The convention leaves the ending of a counter to the scrape. */
  private static String scraped(String name, Meter.Id id) {
    return id.getType() == Meter.Type.COUNTER && !name.endsWith("_total") ? name + "_total" : name;
  }

  private static SidecarRig rig(String name) {
    return name.equals("front") ? front : bank;
  }

  private static double count(SidecarRig rig, String meter) {
    return value(rig, meter, null, null);
  }

  private static double value(
      SidecarRig rig, String name, @Nullable String tag, @Nullable String is) {
    var search = rig.meters.get(name);
    Meter meter = (tag == null || is == null ? search : search.tag(tag, is)).meter();
    return StreamSupport.stream(meter.measure().spliterator(), false)
        .filter(it -> it.getStatistic() != Statistic.TOTAL_TIME)
        .findFirst()
        .orElseThrow()
        .getValue();
  }
}
