package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.journal.AppendCallback;
import io.handfast.tx.journal.Journal;
import io.handfast.tx.journal.Journal.Durability;
import io.handfast.tx.journal.Journal.Need;
import io.handfast.tx.journal.JournalFailure;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.journal.JournalRuntime;
import io.handfast.tx.journal.ReplayVisitor;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code handfast journal} on a journal with one decision. */
final class JournalCommandTest {
  private static final String TX = "0190000000007000800000000000000a";

  @TempDir private Path temporary = Path.of("");
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String journal = "";
  private final List<byte[]> replayed = new ArrayList<>();

  @BeforeEach
  void write() throws Exception {
    Path directory = temporary.resolve("journal");
    journal = directory.toString();
    Record record =
        Record.newBuilder()
            .setTimeMs(1_750_000_000_000L)
            .setDecision(
                Decision.newBuilder()
                    .setTxId(ByteString.fromHex(TX))
                    .addBranches(
                        DecidedBranch.newBuilder()
                            .setBranchId(0xab)
                            .setParticipant("bank:15014")
                            .setStoreId("j.1")))
            .build();
    try (Journal open = open(directory)) {
      CompletableFuture<Long> durable = new CompletableFuture<>();
      open.append(
          Durability.FORCED,
          Need.ESSENTIAL,
          record.toByteArray(),
          Runnable::run,
          new AppendCallback() {
            @Override
            public void onDurable(long lsn) {
              durable.complete(lsn);
            }

            @Override
            public void onFailed(long lsn, JournalFailure failure) {
              durable.completeExceptionally(new AssertionError(failure.reason()));
            }
          });
      durable.get();
    }
  }

  @Test
  void shouldPrintRecordsAsATable() {
    // When
    int code = run("journal", "dump", journal);

    // Then
    assertThat(code).isZero();
    assertThat(out.toString())
        .contains("LSN  WHERE")
        .contains(TX)
        .contains("decision commit=00000000000000ab@bank:15014")
        .contains("2025-06-15T15:06:40Z");
  }

  @Test
  void shouldPrintRecordsAsJsonALine() throws Exception {
    // When
    int code = run("journal", "dump", journal, "-o", "json");

    // Then
    assertThat(code).isZero();
    JsonNode first = new ObjectMapper().readTree(out.toString().lines().findFirst().orElseThrow());
    assertThat(first.path("lsn").asLong()).isEqualTo(1);
    assertThat(first.path("record").path("txId").asText()).isEqualTo(TX);
    assertThat(first.path("record").path("type").asText()).isEqualTo("decision");
  }

  @Test
  void shouldSayThatItIsIntact() {
    assertThat(run("journal", "verify", journal)).isZero();
    assertThat(out.toString()).contains("LSN 1 to 1").contains("cut").contains("nothing");
  }

  @Test
  void shouldRestoreABackupUnderANewIdThatNamesTheDecider() throws Exception {
    // Given
    String copy = temporary.resolve("copy").toString();
    Path restored = temporary.resolve("restored");

    // When
    int saved = run("journal", "backup", journal, copy);
    int back = run("journal", "restore", copy, restored.toString());

    // Then
    assertThat(saved).isZero();
    assertThat(back).isZero();
    try (Journal open = open(restored)) {
      assertThat(replayed).hasSize(1);
      assertThat(Record.parseFrom(replayed.getFirst()).getDecision().getDecider())
          .isEqualTo("j." + open.formerIds().getFirst());
    }
  }

  @Test
  void shouldFailWithOneSentenceWhenThereIsNoJournal() {
    assertThat(run("journal", "verify", temporary.resolve("none").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("there is no journal").hasLineCount(1);
  }

  private Journal open(Path directory) throws Exception {
    return Journal.open(
        JournalOptions.of(directory),
        new JournalRuntime(() -> 0, new Random(3), Runnable::run, stopped -> {}),
        new ReplayVisitor() {
          @Override
          public void onCheckpointed(long uptoLsn, byte[] payload) {
            replayed.add(payload);
          }

          @Override
          public void onRecord(long lsn, byte[] payload) {
            replayed.add(payload);
          }
        });
  }

  private int run(String... arguments) {
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
