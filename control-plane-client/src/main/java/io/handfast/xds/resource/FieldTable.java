package io.handfast.xds.resource;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one table of what is honoured: message → field → {@link FieldRule}. It drives the refusal and
 * the documentation. Immutable.
 *
 * <p>Its text, one entry per line; what is not listed is refused:
 *
 * <pre>
 * # comment
 * envoy.config.core.v3.Address                 a message; its fields follow, indented
 *   socket_address   honoured
 *   codec_type       honoured(AUTO|HTTP1)      HTTP/2 is not built yet
 *   *                observed                  every other field of this message
 * handfast.transaction.v1.**                   every message of that package, all fields honoured
 * </pre>
 */
public final class FieldTable {

  private static final Pattern FIELD =
      Pattern.compile(
          "\\s+([a-z0-9_*]+)\\s+(honoured|observed|refused)(?:\\(([^)]*)\\))?(?:\\s+(.*))?");
  private static final String EVERY_MESSAGE = ".**";

  private final Map<String, Map<String, FieldRule>> messages;
  private final List<String> packages;

  /** By type, as they are asked for. */
  private final Map<Descriptor, MessageRules> rules = new ConcurrentHashMap<>();

  private FieldTable(Map<String, Map<String, FieldRule>> messages, List<String> packages) {
    this.messages = messages;
    this.packages = packages;
  }

  /**
   * Reads the table.
   *
   * @throws IllegalArgumentException naming the line that is none: the table is ours, a fault in it
   *     is a bug
   */
  public static FieldTable parse(String text) {
    Map<String, Map<String, FieldRule>> messages = new LinkedHashMap<>();
    List<String> packages = new java.util.ArrayList<>();
    Map<String, FieldRule> current = Map.of();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (Character.isWhitespace(line.charAt(0))) {
        addField(current, line, number);
      } else if (line.strip().endsWith(EVERY_MESSAGE)) {
        packages.add(line.strip().substring(0, line.strip().length() - EVERY_MESSAGE.length()));
      } else {
        current = new LinkedHashMap<>();
        if (messages.put(line.strip(), current) != null) {
          throw new IllegalArgumentException(
              "line " + number + ": " + line + " (expected: each message once)");
        }
      }
    }
    return new FieldTable(Collections.unmodifiableMap(messages), List.copyOf(packages));
  }

  private static void addField(Map<String, FieldRule> message, String line, int number) {
    Matcher matcher = FIELD.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "line " + number + ": " + line + " (expected: field status[(values)] [note])");
    }
    FieldRule.Status status = FieldRule.Status.valueOf(matcher.group(2).toUpperCase(Locale.ROOT));
    List<String> values =
        matcher.group(3) == null ? List.of() : List.of(matcher.group(3).split("\\|"));
    String note = matcher.group(4) == null ? "" : matcher.group(4).strip();
    if (message.put(matcher.group(1), new FieldRule(status, values, note)) != null) {
      throw new IllegalArgumentException(
          "line " + number + ": " + line + " (expected: each field once)");
    }
  }

  /** Whether the message stands in the table, itself or by its package. */
  public boolean knows(Descriptor message) {
    return messages.containsKey(message.getFullName()) || ofKnownPackage(message);
  }

  /** What holds for messages of a type. */
  MessageRules rules(Descriptor type) {
    MessageRules known = rules.get(type);
    return known != null ? known : rules.computeIfAbsent(type, it -> MessageRules.of(it, this));
  }

  /** What is done with a field; refused if nobody says. */
  public FieldRule rule(FieldDescriptor field) {
    return listed(field).orElse(FieldRule.UNLISTED);
  }

  /** What the table says of a field, if it says something. */
  public Optional<FieldRule> listed(FieldDescriptor field) {
    Map<String, FieldRule> fields = messages.get(field.getContainingType().getFullName());
    if (fields == null) {
      return ofKnownPackage(field.getContainingType())
          ? Optional.of(new FieldRule(FieldRule.Status.HONOURED, List.of(), ""))
          : Optional.empty();
    }
    return Optional.ofNullable(fields.getOrDefault(field.getName(), fields.get("*")));
  }

  /** Full names of the messages with an entry of their own, in the order of the table. */
  public Set<String> messageNames() {
    return messages.keySet();
  }

  /** Names of the fields that a message's entry lists, in order, {@code *} included. */
  public Set<String> fieldNames(String message) {
    return messages.getOrDefault(message, Map.of()).keySet();
  }

  /** Packages of which every message is honoured as a whole. */
  public List<String> packages() {
    return packages;
  }

  private boolean ofKnownPackage(Descriptor message) {
    return packages.contains(message.getFile().getPackage());
  }
}
