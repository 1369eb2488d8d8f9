package io.handfast.proxy.admin;

import io.handfast.proxy.admin.AdminEndpoint.Parameter;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /logging}: levels of the log, queried and changed. */
final class LoggingEndpoint {

  private static final String USAGE =
      """

      usage: /logging?<name>=<level> (change single level)
      usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)
      usage: /logging?level=<level> (change all levels)
      levels: trace debug info warning error critical off
      """;

  private final LogLevels levels;

  private LoggingEndpoint(LogLevels levels) {
    this.levels = levels;
  }

  static AdminEndpoint create(LogLevels levels) {
    return AdminEndpoint.mutate(
        "/logging",
        "query/change logging levels",
        new LoggingEndpoint(levels)::handle,
        new Parameter("level", "Change all levels"),
        new Parameter(
            "paths", "Change multiple levels by setting to <name1>:<level1>,<name2>:<level2>"),
        new Parameter("NAME", "Change the level of that component"));
  }

  private AdminResponse handle(AdminRequest request) {
    try {
      Map<String, String> changes = changes(request);
      String all = request.query().get("level");
      if (all != null) {
        levels.setAll(all);
      }
      changes.forEach(levels::set);
    } catch (IllegalArgumentException e) {
      return AdminResponse.text(400, "error: " + e.getMessage() + "\n" + USAGE + active());
    }
    return AdminResponse.text(active());
  }

  private static Map<String, String> changes(AdminRequest request) {
    Map<String, String> changes = new LinkedHashMap<>(request.query());
    changes.remove("level");
    String paths = changes.remove("paths");
    if (paths != null) {
      for (String entry : paths.split(",", -1)) {
        int colon = entry.lastIndexOf(':');
        if (colon <= 0) {
          throw new IllegalArgumentException("paths: " + entry + " (expected: name:level)");
        }
        changes.put(entry.substring(0, colon), entry.substring(colon + 1));
      }
    }
    return changes;
  }

  private String active() {
    StringBuilder text = new StringBuilder("active loggers:\n");
    levels
        .levels()
        .forEach((name, level) ->
            text.append("  ").append(name).append(": ").append(level).append('\n'));
    return text.toString();
  }
}
