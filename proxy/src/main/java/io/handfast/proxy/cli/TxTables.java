package io.handfast.proxy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The answers of {@code /transactions} as tables for people. Stateless. */
final class TxTables {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private TxTables() {}

  static String list(JsonNode list) {
    StringBuilder out = new StringBuilder();
    out.append("service ")
        .append(list.path("service").asText())
        .append(", control ")
        .append(list.path("authority").asText())
        .append(", store ")
        .append(list.path("storeId").asText())
        .append('\n');
    section(
        out,
        "in flight: "
            + list.path("inFlight").size()
            + ", in doubt: "
            + list.path("inDoubt").asInt(),
        list.path("inFlight"));
    section(out, "ended lately: " + list.path("recent").size(), list.path("recent"));
    int omitted = list.path("omitted").asInt();
    if (omitted > 0) {
      out.append("\nand ")
          .append(omitted)
          .append(" more (--limit shows more, --state and --older-than leave out others)\n");
    }
    return out.toString();
  }

  private static void section(StringBuilder out, String title, JsonNode summaries) {
    out.append('\n').append(title).append('\n');
    if (summaries.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("TX-ID", "ROLE", "STATE", "OUTCOME", "BRANCHES", "STARTED", "AGE", "DETAIL"));
    for (JsonNode tx : summaries) {
      rows.add(
          List.of(
              tx.path("txId").asText(),
              tx.path("role").asText(),
              tx.path("state").asText(),
              tx.path("outcome").asText(),
              tx.path("branches").asText(),
              time(tx.path("startedMs").asLong()),
              age(tx.path("ageMs").asLong()),
              tx.path("detail").asText()));
    }
    table(out, rows);
  }

  static String show(JsonNode detail) {
    JsonNode summary = detail.path("summary");
    StringBuilder out = new StringBuilder();
    List<List<String>> facts = new ArrayList<>();
    for (String field : List.of("txId", "role", "state", "outcome", "coordinator")) {
      facts.add(List.of(field.equals("txId") ? "tx-id" : field, summary.path(field).asText()));
    }
    facts.add(
        List.of("started", Instant.ofEpochMilli(summary.path("startedMs").asLong()).toString()));
    facts.add(List.of("age", age(summary.path("ageMs").asLong())));
    if (!summary.path("detail").asText().isEmpty()) {
      facts.add(List.of("detail", summary.path("detail").asText()));
    }
    table(out, facts);
    branches(out, detail.path("branches"));
    blocks(out, detail.path("branches"));
    awaited(out, detail.path("awaited"));
    timeline(out, detail);
    return out.toString();
  }

  private static void branches(StringBuilder out, JsonNode branches) {
    out.append("\nbranches\n");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("BRANCH", "SERVICE", "PARTICIPANT", "MODE", "STATE", "VOTE", "WAITS FOR"));
    for (JsonNode branch : branches) {
      rows.add(
          List.of(
              branch.path("branchId").asText(),
              branch.path("service").asText(),
              branch.path("participant").asText(),
              branch.path("mode").asText(),
              branch.path("state").asText(),
              branch.path("vote").asText(),
              branch.path("waitsFor").asText()));
    }
    table(out, rows);
  }

  /** What is prepared in databases, as pg_prepared_xacts has it. */
  private static void blocks(StringBuilder out, JsonNode branches) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("BRANCH", "BLOCK", "PREPARED AS"));
    for (JsonNode branch : branches) {
      String block = branch.path("block").asText();
      if (!block.isEmpty()) {
        rows.add(
            List.of(branch.path("branchId").asText(), block, branch.path("globalId").asText()));
      }
    }
    if (rows.size() > 1) {
      out.append("\nblocks of SQL\n");
      table(out, rows);
    }
  }

  private static void awaited(StringBuilder out, JsonNode awaited) {
    if (!awaited.isEmpty()) {
      out.append("\nthe coordinator waits for\n");
      awaited.forEach(who -> out.append("  ").append(who.asText()).append('\n'));
    }
  }

  private static void timeline(StringBuilder out, JsonNode detail) {
    out.append("\ntimeline\n");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("TIME", "AFTER", "BRANCH", "EVENT", "STATE"));
    for (JsonNode entry : detail.path("timeline")) {
      rows.add(
          List.of(
              time(entry.path("timeMs").asLong()),
              "+" + entry.path("afterMs").asLong() + " ms",
              entry.path("branchId").asText().isEmpty()
                  ? "coordinator"
                  : entry.path("branchId").asText(),
              entry.path("event").asText(),
              entry.path("state").asText()));
    }
    table(out, rows);
    int omitted = detail.path("timelineOmitted").asInt();
    if (omitted > 0) {
      out.append("  (").append(omitted).append(" entries in between were dropped)\n");
    }
  }

  private static String time(long epochMillis) {
    return TIME.format(Instant.ofEpochMilli(epochMillis));
  }

  static String age(long millis) {
    if (millis < 1_000) {
      return millis + " ms";
    }
    return millis < 120_000
        ? String.format(Locale.ROOT, "%.1f s", millis / 1_000.0)
        : millis / 60_000 + " min";
  }

  /** Columns as wide as their widest cell, two spaces apart; the last one is not padded. */
  static void table(StringBuilder out, List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder("  ");
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i));
        if (i < columns - 1) {
          line.repeat(' ', widths[i] - row.get(i).length() + 2);
        }
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
  }
}
