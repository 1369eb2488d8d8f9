package io.handfast.proxy.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The refusals of SQL as sources have them: texts, with braces for what is not one. */
final class SqlRefusals {
  private static final Map<String, String> STATES =
      Map.of(
          "SqlRefusal.INVALID_STATE", "25000",
          "SqlRefusal.ROLLBACK", "40000",
          "SqlRefusal.NOT_SUPPORTED", "0A000",
          "unsupported", "0A000",
          "refused", "40000");

  private static final Pattern CALL =
      Pattern.compile("\\b(new SqlRefusal|refuse|unsupported|refused)\\(");

  private SqlRefusals() {}

  /** The SQLSTATE, or nothing where it differs, by the message. */
  static Map<String, String> in(Path directory) throws IOException {
    Map<String, String> refusals = new TreeMap<>();
    for (String source : sources(directory)) {
      Matcher call = CALL.matcher(source);
      while (call.find()) {
        boolean named = call.group(1).startsWith("new ") || call.group(1).equals("refuse");
        List<String> arguments = split(source, call.end(), ',');
        int at = named ? 1 : 0;
        String message = arguments.size() <= at ? "" : template(arguments.get(at));
        if (!message.replace("{}", "").isBlank()) {
          String state = STATES.get(named ? arguments.getFirst().strip() : call.group(1));
          refusals.put(message, state == null ? "" : state);
        }
      }
    }
    return refusals;
  }

  /** All sources, with texts that are joined in one piece. */
  static String texts(Path directory) throws IOException {
    return String.join("\n", sources(directory)).replaceAll("\"\\s*\\+\\s*\"", "");
  }

  /** A test's source, with texts that are joined in one piece; empty if there is none. */
  static String test(Path root, String simpleName, String method) throws IOException {
    for (String module : List.of("proxy", "tx-interceptor")) {
      try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/test/java"))) {
        Path file = files.filter(it -> it.endsWith(simpleName + ".java")).findFirst().orElse(null);
        String source = file == null ? "" : Files.readString(file);
        int from = source.indexOf("  void " + method + "() {");
        if (from >= 0) {
          return source
              .substring(from, source.indexOf("\n  }\n", from))
              .replaceAll("\"\\s*\\+\\s*\"", "");
        }
      }
    }
    return "";
  }

  private static List<String> sources(Path directory) throws IOException {
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
        sources.add(Files.readString(file).replaceAll("(?m)^\\s*(\\*|//|/\\*).*$", ""));
      }
    }
    return sources;
  }

  private static String template(String expression) {
    StringBuilder template = new StringBuilder();
    for (String piece : split(expression + ")", 0, '+')) {
      String text = piece.strip();
      boolean literal = text.startsWith("\"") && text.endsWith("\"");
      template.append(literal ? text.substring(1, text.length() - 1) : "{}");
    }
    return template.toString();
  }

  /** What stands between separators, from there to the bracket that closes. */
  private static List<String> split(String source, int from, char separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = from;
    boolean quoted = false;
    for (int i = from; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '"' && (i == 0 || source.charAt(i - 1) != '\\')) {
        quoted = !quoted;
      } else if (!quoted && (c == '(' || c == '[' || c == '{')) {
        depth++;
      } else if (!quoted && depth > 0 && (c == ')' || c == ']' || c == '}')) {
        depth--;
      } else if (!quoted && depth == 0 && (c == separator || c == ')')) {
        parts.add(source.substring(start, i));
        start = i + 1;
        if (c == ')') {
          return parts;
        }
      }
    }
    return parts;
  }
}
