package io.handfast.proxy.grpc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which cases of a suite passed, by the number of sidecars between, plain and with TLS. */
final class InteropTable {
  static final int MOST_SIDECARS = 2;
  private static final List<String> WAYS =
      List.of("plain 0", "plain 1", "plain 2", "TLS 0", "TLS 1", "TLS 2");

  private final Map<String, Map<String, Boolean>> passed = new LinkedHashMap<>();

  static String way(boolean tls, int sidecars) {
    return (tls ? "TLS " : "plain ") + sidecars;
  }

  void put(String name, String way, boolean pass) {
    passed.computeIfAbsent(name, key -> new LinkedHashMap<>()).put(way, pass);
  }

  /** Those that passed without a sidecar, plain and with TLS. */
  List<String> passWithout() {
    return passed.keySet().stream()
        .filter(name -> has(name, way(false, 0)) && has(name, way(true, 0)))
        .toList();
  }

  /** Those of them that did not with one or two, as {@code CASE: WAY}. */
  List<String> lost() {
    return passWithout().stream()
        .flatMap(name -> WAYS.stream().filter(way -> !has(name, way)).map(way -> name + ": " + way))
        .toList();
  }

  private boolean has(String name, String way) {
    return passed.getOrDefault(name, Map.of()).getOrDefault(way, false);
  }

  /** Writes it in Markdown, with a note below. */
  void write(Path file, String note) throws IOException {
    StringBuilder table = new StringBuilder("| case, by sidecars |");
    WAYS.forEach(way -> table.append(' ').append(way).append(" |"));
    table.append("\n|---|").append("---|".repeat(WAYS.size())).append('\n');
    for (String name : passed.keySet()) {
      table.append("| ").append(name).append(" |");
      WAYS.forEach(way -> table.append(has(name, way) ? " pass |" : " FAIL |"));
      table.append('\n');
    }
    Files.writeString(file, table.append('\n').append(note).append('\n'));
  }
}
