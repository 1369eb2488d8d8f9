package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.postgres.PostgresMesh;
import io.handfast.proxy.postgres.PostgresMesh.Member;
import io.handfast.proxy.postgres.PostgresServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * T4 and T5 with OpenTelemetry's Java agent, which comments SQL and does not sample, on a service
 * with HikariCP and pgjdbc behind a sidecar that lets nothing be written without a transaction:
 * what a pool does between requests, under the comment of whoever comes next.
 */
class JavaAgentSqlIT {
  private static final PostgresServer SERVER = PostgresServer.shared();

  private static AgentProcess service;
  private static PostgresMesh mesh;
  private static Member member;

  private long prepared;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    service =
        AgentProcess.java(
            UnmodifiedSqlService.class,
            directory.resolve("service.log"),
            Map.of(
                "OTEL_INSTRUMENTATION_COMMON_DB_EXPERIMENTAL_SQLCOMMENTER_ENABLED", "true",
                "OTEL_TRACES_SAMPLER", "always_off",
                "OTEL_TRACES_EXPORTER", "none",
                "OTEL_METRICS_EXPORTER", "none",
                "OTEL_LOGS_EXPORTER", "none"));
    mesh = new PostgresMesh(SERVER, directory);
    member = mesh.front(", propagation: MANDATORY", service.port());
  }

  @AfterAll
  static void stop() {
    mesh.close();
    service.close();
  }

  @BeforeEach
  void empty() {
    SERVER.execute(member.database(), "UPDATE account SET balance = 0 WHERE id = 1");
    prepared = member.stats().blocksPrepared.value();
  }

  private static HttpResponse<String> ask(String way) throws Exception {
    return member.send(
        "POST", "/%s/127.0.0.1:%d/%s".formatted(way, member.databasePort(), member.database()));
  }

  private static void commits(String way) throws Exception {
    HttpResponse<String> answer = ask(way);
    assertThat(answer.body()).isEqualTo(way);
    assertThat(answer.headers().firstValue("tx-outcome")).hasValue("committed");
  }

  /** Once all is completed. */
  private void holds(int balance, int blocks) {
    await().untilAsserted(() -> assertThat(member.prepared()).isEmpty());
    assertThat(member.balance(1)).isEqualTo(balance);
    assertThat(member.stats().blocksPrepared.value() - prepared).isEqualTo(blocks);
  }

  /** What the service's connections that are in a block have sent last. */
  private static List<String> idleInBlocks() {
    return SERVER.query(
        member.database(),
        "SELECT query FROM pg_stat_activity WHERE state = 'idle in transaction'"
            + " AND datname = current_database()");
  }

  @Test
  void shouldPrepareEachRequestOfAPooledConnectionT4() throws Exception {
    // When
    for (int i = 0; i < 8; i++) {
      commits("block");
    }

    // Then
    holds(8, 8);
  }

  @Test
  void shouldPrepareEachRequestThatCommitsByItselfT4() throws Exception {
    // When
    for (int i = 0; i < 8; i++) {
      commits("autocommit");
    }

    // Then
    holds(8, 8);
  }

  /** Under the agent the empty query of isValid has a comment, and with it a BEGIN. */
  @Test
  void shouldNotTakeTheIdentityOfAValidationQueryWhenItOpenedTheBlockT4() throws Exception {
    // Given
    commits("borrow");
    commits("borrow");
    assertThat(idleInBlocks()).singleElement().asString().startsWith(" /*traceparent='00-");

    // When
    commits("block");

    // Then
    holds(1, 1);
    assertThat(idleInBlocks()).isEmpty();
  }

  @Test
  void shouldNotTakeTheIdentityOfAConfiguredTestQueryWhenItOpenedTheBlockT4() throws Exception {
    // Given
    commits("test-query");
    commits("borrow-test-query");
    assertThat(idleInBlocks()).singleElement().asString().startsWith("SELECT 1 /*traceparent='00-");

    // When
    commits("test-query");

    // Then
    holds(2, 2);
    assertThat(idleInBlocks()).isEmpty();
  }

  @Test
  void shouldRefuseAStatementThatWasMadeInARequestBeforeT5() throws Exception {
    // Given
    commits("kept");

    // When
    HttpResponse<String> answer = ask("kept");

    // Then
    assertThat(answer.body()).startsWith("25000 ");
    assertThat(answer.headers().firstValue("tx-outcome")).hasValue("aborted");
    holds(1, 1);
  }
}
