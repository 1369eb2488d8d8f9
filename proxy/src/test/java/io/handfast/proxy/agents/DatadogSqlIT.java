package io.handfast.proxy.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.postgres.PostgresMesh;
import io.handfast.proxy.postgres.PostgresMesh.Member;
import io.handfast.proxy.postgres.PostgresServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * T4 with Datadog's Java agent, which sends nothing anywhere: it names the trace in {@code
 * application_name}, by a statement of its own in front of the block, and never puts {@code
 * tracestate} into SQL.
 */
@Tag("full")
class DatadogSqlIT {
  private static final PostgresServer SERVER = PostgresServer.shared();

  @Test
  void shouldPrepareBlocksThatApplicationNameNamesT4(@TempDir Path directory) throws Exception {
    ForeignAgentsIT.fetch();
    try (AgentProcess service =
            AgentProcess.java(
                "dd-java-agent.jar",
                UnmodifiedNettyService.class,
                directory.resolve("service.log"),
                Map.of(
                    "DD_DBM_PROPAGATION_MODE", "full",
                    "DD_DBM_TRACE_PREPARED_STATEMENTS", "true",
                    "DD_TRACE_AGENT_URL", "http://127.0.0.1:1",
                    "DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false",
                    "DD_REMOTE_CONFIGURATION_ENABLED", "false",
                    "DD_TRACE_STARTUP_LOGS", "false"));
        PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      Member member = mesh.front(", propagation: MANDATORY", service.port());
      int times = 8; // from the sixth on the driver executes a statement that it has prepared
      for (String way : new String[] {"block", "autocommit"}) {
        for (int i = 0; i < times; i++) {
          // When
          HttpResponse<String> answer =
              member.send(
                  "POST",
                  "/%s/127.0.0.1:%d/%s".formatted(way, member.databasePort(), member.database()));

          // Then
          assertThat(answer.body()).isEqualTo(way);
          assertThat(answer.headers().firstValue("tx-outcome")).hasValue("committed");
        }
      }
      await().untilAsserted(() -> assertThat(member.prepared()).isEmpty());
      assertThat(member.balance(1)).isEqualTo(100 + 2 * times);
      assertThat(member.stats().blocksPrepared.value()).isEqualTo(2L * times);
      assertThat(
              SERVER.query(
                  member.database(),
                  "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '\\_DD\\_00-%'"))
          .as("what Datadog's agent sets, still there")
          .doesNotContain("0");
    }
  }
}
