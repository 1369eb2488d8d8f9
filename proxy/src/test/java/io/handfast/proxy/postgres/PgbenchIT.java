package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.proxy.postgres.PostgresMesh.Call;
import io.handfast.proxy.postgres.PostgresMesh.Member;
import io.handfast.proxy.postgres.PostgresMesh.Refused;
import java.io.File;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A service that has pgbench write for it, over three connections at a time: all that they commit
 * is of one branch, and lives or dies with its transaction.
 */
@Tag("full")
final class PgbenchIT {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final int BLOCKS = 15;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"simple", "extended", "prepared"})
  void shouldCommitOrAbortAllThatItsConnectionsHaveCommittedT4(String mode) throws Exception {
    assumeTrue(
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "pgbench"))),
        "pgbench: not on this machine");
    try (PostgresMesh mesh = new PostgresMesh(SERVER, directory)) {
      // Given
      AtomicBoolean refusing = new AtomicBoolean();
      AtomicReference<List<String>> prepared = new AtomicReference<>(List.of());
      Member[] itself = new Member[1];
      Member front =
          mesh.front(call -> {
            pgbench(mode, call, itself[0]);
            prepared.set(itself[0].prepared());
            if (refusing.get()) {
              throw new Refused(422, "not today");
            }
            return "written";
          });
      itself[0] = front;
      SERVER.execute(front.database(), "CREATE TABLE booking (key text NOT NULL)");

      // When
      HttpResponse<String> committed = mesh.send("POST");

      // Then
      assertThat(committed.body()).isEqualTo("written");
      assertThat(committed.headers().firstValue("tx-outcome")).hasValue("committed");
      assertThat(prepared.get()).hasSize(BLOCKS);
      holds(front, BLOCKS);

      // When
      refusing.set(true);
      HttpResponse<String> aborted = mesh.send("POST");

      // Then
      assertThat(aborted.statusCode()).as(aborted.body()).isEqualTo(422);
      assertThat(aborted.headers().firstValue("tx-outcome")).hasValue("aborted");
      assertThat(prepared.get()).hasSize(BLOCKS);
      holds(front, BLOCKS);
      assertThat(front.stats().blocksPrepared.value()).isEqualTo(2 * BLOCKS);
    }
  }

  /** Once all is completed. */
  private static void holds(Member member, int bookings) {
    await().untilAsserted(() -> assertThat(member.prepared()).isEmpty());
    assertThat(SERVER.query(member.database(), "SELECT count(*) FROM booking"))
        .containsExactly(String.valueOf(bookings));
  }

  private void pgbench(String mode, Call call, Member member) throws Exception {
    Path script = Files.createTempFile(directory, "pgbench", ".sql");
    Path log = Files.createTempFile(directory, "pgbench", ".log");
    Files.writeString(
        script,
        "BEGIN;\n%s;\nEND;\n".formatted(call.commented("INSERT INTO booking VALUES ('pgbench')")));
    Process process =
        new ProcessBuilder(
                "pgbench",
                "--host=127.0.0.1",
                "--port=" + member.databasePort(),
                "--username=postgres",
                "--no-vacuum",
                "--client=3",
                "--transactions=" + BLOCKS / 3,
                "--protocol=" + mode,
                "--file=" + script,
                member.database())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(25, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat(Files.readString(log))
        .contains("actually processed: %1$d/%1$d".formatted(BLOCKS))
        .satisfies(it -> assertThat(ended).isTrue());
  }
}
