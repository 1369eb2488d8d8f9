package io.handfast.proxy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.handfast.tx.engine.offline.JournalArchive;
import io.handfast.tx.engine.offline.RecordView;
import io.handfast.tx.journal.JournalFiles;
import io.handfast.tx.journal.JournalOpenException;
import io.handfast.tx.journal.JournalReport;
import io.handfast.tx.journal.JournalRuntime;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code handfast journal}: a journal while no sidecar has it open. */
@Command(
    name = "journal",
    description = "Reads, checks, copies and restores the journal of a sidecar that is stopped.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Exits with 1 if the journal is in use, damaged, or not there; nothing is changed then."
    })
final class JournalCommand implements Runnable {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no command (expected: dump, verify, backup or restore)");
  }

  private interface Work {
    void print(PrintWriter out) throws JournalOpenException;
  }

  @Command(
      name = "verify",
      description =
          "Checks every checksum and the order of all records; says what a start would cut.",
      mixinStandardHelpOptions = true)
  int verify(
      @Parameters(paramLabel = "DIR", description = "The journal's directory, or a backup's.")
          Path directory) {
    return done(out -> out.print(summary(JournalFiles.verify(directory))));
  }

  @Command(
      name = "dump",
      description = "Prints every record; of requests neither bodies nor values of headers.",
      mixinStandardHelpOptions = true)
  int dump(
      @Parameters(paramLabel = "DIR", description = "The journal's directory, or a backup's.")
          Path directory,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FORM",
              defaultValue = "table",
              description = "table (default), or json: one object a line.")
          TxCommand.Output output) {
    return done(out -> {
      switch (output) {
        case table -> {
          List<List<String>> rows = new ArrayList<>();
          rows.add(List.of("LSN", "WHERE", "FRAME", "TIME", "TX-ID", "BRANCH", "RECORD"));
          JournalReport report =
              JournalFiles.dump(
                  directory,
                  (segment, offset, kind, lsn, durable, payload) ->
                      rows.add(row(segment, offset, kind, lsn, payload)));
          StringBuilder table = new StringBuilder();
          TxTables.table(table, rows);
          out.print(table);
          out.print(summary(report));
        }
        case json ->
            JournalFiles.dump(
                directory,
                (segment, offset, kind, lsn, durable, payload) ->
                    out.println(json(segment, offset, kind, lsn, durable, payload)));
      }
    });
  }

  @Command(
      name = "backup",
      description = {
        "Copies an intact journal. The copy is no journal until it is restored: nobody may answer",
        "in its name what was decided after it was made."
      },
      mixinStandardHelpOptions = true)
  int backup(
      @Parameters(paramLabel = "DIR", description = "The journal's directory.") Path directory,
      @Parameters(paramLabel = "TO", description = "A new directory for the copy.") Path to) {
    return done(out -> {
      JournalReport report = JournalFiles.backup(directory, to);
      out.print(summary(report));
      out.println("backup of store j." + report.storeId() + " in " + to);
    });
  }

  @Command(
      name = "restore",
      description = {
        "Makes a journal of a backup: with a new store-id, for what was decided after the backup is",
        "not in it. Of the old store-id it answers what it holds, and nothing from absence."
      },
      mixinStandardHelpOptions = true)
  int restore(
      @Parameters(paramLabel = "BACKUP", description = "What `handfast journal backup` made.")
          Path backup,
      @Parameters(paramLabel = "DIR", description = "A new directory for the journal.") Path to) {
    return done(out -> {
      JournalReport report =
          JournalArchive.restore(
              backup,
              to,
              new JournalRuntime(
                  System::nanoTime, new SecureRandom(), Runnable::run, stopped -> {}));
      out.print(summary(report));
      out.println(
          "journal in " + to + "; what others ask of its former stores and it does not hold");
      out.println("is answered NOT_MINE: resolve it by `handfast tx list --state in-doubt` there");
    });
  }

  private int done(Work work) {
    PrintWriter out = spec.commandLine().getOut();
    try {
      work.print(out);
      return 0;
    } catch (JournalOpenException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return Main.FAILED;
    } finally {
      out.flush();
    }
  }

  private static List<String> row(
      String segment, int offset, String kind, long lsn, byte[] payload) {
    String where =
        segment.substring(0, segment.indexOf('.')).replaceFirst("^0+", "") + ":" + offset;
    if (payload.length == 0) {
      return List.of(Long.toString(lsn), where, kind, "", "", "", "");
    }
    RecordView view = RecordView.of(payload);
    return List.of(
        Long.toString(lsn),
        where,
        kind,
        view.timeMs() == 0 ? "" : Instant.ofEpochMilli(view.timeMs()).toString(),
        view.txId(),
        view.branchId(),
        view.type()
            + view.facts().entrySet().stream()
                .map(fact -> " " + fact.getKey() + "=" + fact.getValue())
                .collect(Collectors.joining()));
  }

  private static String json(
      String segment, int offset, String kind, long lsn, long durable, byte[] payload) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("segment", segment);
    line.put("offset", offset);
    line.put("frame", kind);
    line.put("lsn", lsn);
    line.put("durableLsn", durable);
    if (payload.length > 0) {
      line.put("record", RecordView.of(payload));
    }
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of strings cannot be printed: " + e.getMessage(), e);
    }
  }

  private static String summary(JournalReport report) {
    StringBuilder out = new StringBuilder();
    List<List<String>> facts = new ArrayList<>();
    facts.add(List.of("store-id", "j." + report.storeId()));
    facts.add(List.of("owner", report.owner().isEmpty() ? "nobody yet" : report.owner()));
    facts.add(List.of("incarnation", Long.toString(report.incarnation())));
    for (String former : report.formerIds()) {
      facts.add(List.of("restored from", "j." + former));
    }
    facts.add(List.of("records", "LSN " + report.firstLsn() + " to " + report.lastLsn()));
    facts.add(
        List.of(
            "checkpoint",
            report.coveredLsn() == 0 ? "none" : "of all up to LSN " + report.coveredLsn()));
    facts.add(
        List.of("tail", (report.lastLsn() - report.durableLsn()) + " records not told durable"));
    for (JournalReport.Segment segment : report.segments()) {
      facts.add(
          List.of(
              segment.file(),
              segment.bytes()
                  + " of "
                  + segment.fileBytes()
                  + " bytes, from LSN "
                  + segment.baseLsn()));
    }
    JournalReport.Cut cut = report.cut();
    facts.add(
        List.of(
            "cut",
            cut == null
                ? "nothing"
                : "%d bytes of %s at byte %d, torn by a crash, after LSN %d: the next start cuts them"
                    .formatted(cut.bytes(), cut.file(), cut.offset(), cut.afterLsn())));
    TxTables.table(out, facts);
    return out.toString();
  }
}
