package io.handfast.proxy.rfc9112;

import io.handfast.proxy.rfc9112.CorpusCase.ServiceBehaviour;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads cases from text.
 *
 * <pre>
 * # A comment.
 * === Space before the colon
 * rule: RFC 9112 5.1
 * &gt; GET / HTTP/1.1          the client sends; a line ends with CRLF unless with a backslash
 * &gt; Host : a
 * &gt;
 * &gt;&gt; GET / HTTP/1.1         the service must have received; without it: nothing
 * &lt; HTTP/1.1 200 OK         the service answers; without it: 200
 * &lt;&lt; HTTP/1.1 200 OK        the client must have received; without it: the outcome is enough
 * client: 400 closed        statuses in order, then kept, closed or truncated
 * service: early closes     how the service behaves
 * listener: http10          which listener
 * </pre>
 *
 * <p>In lines of messages {@code \r \n \t \0 \s \\} and {@code \xHH} are bytes, and {@code {3*ab}}
 * is {@code ababab}. What the proxy adds to every message is left out of what is expected, and a
 * chunked body stands there as one chunk.
 */
final class CorpusReader {
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(?:x([0-9a-fA-F]{2})|([rnt0s\\\\]))|\\{(\\d+)\\*([^}]*)}");
  private static final Set<String> KEYS = Set.of("rule", "client", "service", "listener");
  private static final Set<String> BEHAVIOURS =
      Set.of("early", "closes", "whole", "kept", "dropped", "unfinished", "silent");
  private static final String DEFAULT_REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

  private final String file;
  private final List<CorpusCase> cases = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, StringBuilder> messages = new HashMap<>();
  private final Map<String, String> keys = new HashMap<>();
  private String name = "";
  private int line;
  private int start;

  private CorpusReader(String file) {
    this.file = file;
  }

  /** The cases of a file beside this class. */
  static List<CorpusCase> file(String file) {
    try (InputStream in = CorpusReader.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalArgumentException(file + ": not found (expected: a file of cases)");
      }
      return parse(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<CorpusCase> parse(String file, String text) {
    return new CorpusReader(file).read(text);
  }

  private List<CorpusCase> read(String text) {
    for (String each : text.lines().toList()) {
      line++;
      readLine(each);
    }
    finish();
    return cases;
  }

  private void readLine(String text) {
    if (text.startsWith("=== ")) {
      finish();
      name = text.substring(4);
      start = line;
    } else if (text.startsWith("<") || text.startsWith(">")) {
      message(text);
    } else if (!text.isBlank() && !text.startsWith("#")) {
      int colon = text.indexOf(": ");
      String key = colon < 0 ? text : text.substring(0, colon);
      if (colon < 0 || !KEYS.contains(key) || keys.put(key, text.substring(colon + 2)) != null) {
        throw broken(text + " (expected: one of " + KEYS + " once, ===, > or <)");
      }
    }
  }

  private void message(String text) {
    String mark = text.substring(0, text.length() > 1 && text.charAt(0) == text.charAt(1) ? 2 : 1);
    String rest = text.substring(mark.length());
    if (!rest.isEmpty() && !rest.startsWith(" ")) {
      throw broken(text + " (expected: a space behind the mark)");
    }
    String content = rest.isEmpty() ? "" : rest.substring(1);
    boolean continued = content.endsWith("\\") && !content.endsWith("\\\\");
    String bytes = unescape(continued ? content.substring(0, content.length() - 1) : content);
    messages
        .computeIfAbsent(mark, ignored -> new StringBuilder())
        .append(bytes)
        .append(continued ? "" : "\r\n");
  }

  private static String unescape(String text) {
    return ESCAPE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(bytes(found)));
  }

  private static String bytes(java.util.regex.MatchResult found) {
    if (found.group(1) != null) {
      return String.valueOf((char) Integer.parseInt(found.group(1), 16));
    }
    if (found.group(3) != null) {
      return unescape(found.group(4)).repeat(Integer.parseInt(found.group(3)));
    }
    return switch (found.group(2)) {
      case "r" -> "\r";
      case "n" -> "\n";
      case "t" -> "\t";
      case "0" -> "\0";
      case "s" -> " ";
      case String backslash -> backslash;
    };
  }

  private void finish() {
    if (name.isEmpty()) {
      return;
    }
    String client = keys.get("client");
    String rule = keys.get("rule");
    if (client == null || rule == null || !names.add(name)) {
      throw broken(name + " (expected: a name of its own, rule: and client:)");
    }
    List<String> outcome = List.of(client.split(" "));
    if (!Set.of(CorpusCase.KEPT, CorpusCase.CLOSED, CorpusCase.TRUNCATED)
        .contains(outcome.getLast())) {
      throw broken(client + " (expected: statuses, then kept, closed or truncated)");
    }
    cases.add(
        new CorpusCase(
            name,
            file + ":" + start,
            rule,
            keys.getOrDefault("listener", "main"),
            text(">", DEFAULT_REQUEST),
            text(">>", ""),
            messages.containsKey(">"),
            text("<", ""),
            behaviour(keys.getOrDefault("service", "")),
            outcome,
            text("<<", "")));
    name = "";
    messages.clear();
    keys.clear();
  }

  private ServiceBehaviour behaviour(String words) {
    Set<String> set = words.isEmpty() ? Set.of() : Set.of(words.split(" "));
    if (!BEHAVIOURS.containsAll(set)) {
      throw broken(words + " (expected: of " + BEHAVIOURS + ")");
    }
    String reused = set.contains("kept") ? "kept" : set.contains("dropped") ? "dropped" : "";
    return new ServiceBehaviour(
        set.contains("early"),
        set.contains("closes"),
        set.contains("whole"),
        reused,
        set.contains("unfinished"),
        set.contains("silent"));
  }

  private String text(String mark, String otherwise) {
    StringBuilder text = messages.get(mark);
    return text == null ? otherwise : text.toString();
  }

  private IllegalArgumentException broken(String what) {
    return new IllegalArgumentException(file + ":" + line + ": " + what);
  }
}
