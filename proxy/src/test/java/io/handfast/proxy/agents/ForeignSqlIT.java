package io.handfast.proxy.agents;

import static io.handfast.proxy.agents.ForeignRuntimes.EXPORTED_TO_NOBODY;
import static io.handfast.proxy.agents.ForeignRuntimes.NOTHING_EXPORTED;
import static io.handfast.proxy.agents.ForeignRuntimes.off;
import static io.handfast.proxy.agents.ForeignRuntimes.shim;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.postgres.PostgresMesh;
import io.handfast.proxy.postgres.PostgresMesh.Member;
import io.handfast.proxy.postgres.PostgresMesh.Refused;
import io.handfast.proxy.postgres.PostgresServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * T4 where it counts, at the COMMIT: services in Python (Django, and psycopg 3 with its pipelines)
 * and Node ({@code pg}) under OpenTelemetry's agents and the shims that switch their SQL comments
 * on, behind sidecars that let nothing be written without a transaction. Each calls another service
 * that has a database of its own, which goes along or refuses.
 */
@Tag("full")
final class ForeignSqlIT {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";

  @TempDir private Path directory;

  @BeforeAll
  static void fetch() throws Exception {
    ForeignRuntimes.fetch();
  }

  static Stream<Arguments> agents() {
    List<String> django = List.of("block", "autocommit");
    List<String> psycopg = List.of("pipeline", "block", "autocommit");
    List<String> pg = List.of("block", "autocommit", "named");
    return Stream.of(
        Arguments.of("python", shim(NOTHING_EXPORTED, "django_comments"), django),
        Arguments.of("python", shim(off(NOTHING_EXPORTED), "django_comments"), django),
        Arguments.of("python", shim(NOTHING_EXPORTED, "driver_comments"), psycopg),
        Arguments.of("node", NOTHING_EXPORTED, pg),
        Arguments.of("node", EXPORTED_TO_NOBODY, pg),
        Arguments.of("node", off(EXPORTED_TO_NOBODY), pg));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("agents")
  void shouldVoteByItsCommitSampledOrNotT4(
      String runtime, Map<String, String> settings, List<String> ways) throws Exception {
    try (Mesh mesh = new Mesh(runtime, settings)) {
      int balance = 100;
      int credited = 100;
      for (String way : ways) {
        for (boolean refused : List.of(false, true)) {
          // Given
          mesh.refusing.set(refused);
          long prepared = mesh.front.stats().blocksPrepared.value();

          // When
          HttpResponse<String> answer = mesh.ask(way);

          // Then: its own block was prepared before the other service was called
          String what = way + (refused ? ", refused: " : ": ") + answer.body();
          assertThat(mesh.front.stats().blocksPrepared.value() - prepared).as(what).isEqualTo(1);
          assertThat(answer.statusCode()).as(what).isEqualTo(refused ? 409 : 200);
          assertThat(answer.headers().firstValue("tx-outcome"))
              .as(what)
              .hasValue(refused ? "aborted" : "committed");
          await().untilAsserted(() -> assertThat(mesh.front.prepared()).isEmpty());
          await().untilAsserted(() -> assertThat(mesh.back.prepared()).isEmpty());
          balance += refused ? 0 : 1;
          credited += refused ? 0 : 10;
          assertThat(mesh.front.balance(1)).as(what).isEqualTo(balance);
          assertThat(mesh.back.balance(1)).as(what).isEqualTo(credited);
        }
      }
    }
  }

  /** Only Django's middleware comments what is not sampled: see the shims. */
  @Test
  void shouldRefuseToWriteWhenPsycopgSendsNoCommentT5() throws Exception {
    try (Mesh mesh = new Mesh("python", shim(off(NOTHING_EXPORTED), "driver_comments"))) {
      for (String way : List.of("pipeline", "block")) {
        // When
        HttpResponse<String> answer = mesh.ask(way);

        // Then
        assertThat(answer.body()).as(way).contains("nothing names one: UPDATE account");
        assertThat(answer.headers().firstValue("tx-outcome")).hasValue("aborted");
        assertThat(mesh.front.balance(1)).isEqualTo(100);
        assertThat(mesh.front.stats().blocksPrepared.value()).isZero();
        assertThat(mesh.front.prepared()).isEmpty();
      }
    }
  }

  /** A service under an agent, the sidecars, and another service that it calls. */
  private final class Mesh implements AutoCloseable {
    final AtomicBoolean refusing = new AtomicBoolean();
    final AgentProcess service;
    final PostgresMesh services;
    final Member back;
    final Member front;

    Mesh(String runtime, Map<String, String> settings) throws Exception {
      Path log = directory.resolve("service.log");
      service =
          runtime.equals("python")
              ? ForeignRuntimes.django(settings, log)
              : ForeignRuntimes.nodeWithShim(settings, log, "express_service.js");
      services = new PostgresMesh(SERVER, directory);
      back =
          services.add(
              "back",
              call -> {
                call.add(1, 10);
                if (refusing.get()) {
                  throw new Refused(409, "not today");
                }
                return "credited";
              });
      front = services.front(", propagation: MANDATORY", service.port());
    }

    HttpResponse<String> ask(String way) throws Exception {
      String uri =
          "http://127.0.0.1:%d/%s/%d/%s/%d"
              .formatted(
                  front.port("inbound"),
                  way,
                  front.databasePort(),
                  front.database(),
                  front.port("to-back"));
      return CLIENT.send(
          HttpRequest.newBuilder(URI.create(uri))
              .timeout(Duration.ofSeconds(40))
              .header("traceparent", TRACE + "01")
              .POST(HttpRequest.BodyPublishers.ofString("{}"))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
      services.close();
      service.close();
    }
  }
}
