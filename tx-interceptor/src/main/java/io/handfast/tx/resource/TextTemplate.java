package io.handfast.tx.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Text with placeholders in braces; {@code {{} and {@code }}} are braces themselves. Immutable. */
final class TextTemplate {
  private static final String UNRESERVED = "-._~";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /** Text as it is, or a placeholder. */
  private sealed interface Part {
    record Literal(String text) implements Part {}

    record Value(String name, Placeholder source) implements Part {}
  }

  private final List<Part> parts;

  private TextTemplate(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  static TextTemplate parse(String text) throws TemplateException {
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      boolean doubled = i + 1 < text.length() && text.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        literal.append(c);
        i += 2;
      } else if (c == '{') {
        int end = text.indexOf('}', i);
        if (end < 0) {
          throw new TemplateException(text + ": '{' without '}' (expected: {{ for a brace)");
        }
        if (!literal.isEmpty()) {
          parts.add(new Part.Literal(literal.toString()));
          literal.setLength(0);
        }
        String name = text.substring(i + 1, end);
        parts.add(new Part.Value(name, Placeholder.parse(name)));
        i = end + 1;
      } else if (c == '}') {
        throw new TemplateException(text + ": '}' without '{' (expected: }} for a brace)");
      } else {
        literal.append(c);
        i++;
      }
    }
    if (!literal.isEmpty()) {
      parts.add(new Part.Literal(literal.toString()));
    }
    return new TextTemplate(parts);
  }

  /** Placeholders in their order. */
  Stream<Placeholder> placeholders() {
    return parts.stream()
        .flatMap(part -> part instanceof Part.Value value ? Stream.of(value.source()) : null);
  }

  /** The text with every value as it is. */
  String render(TryFacts facts) throws TemplateException {
    return render(facts, false);
  }

  /** The text with every value percent-encoded, so that it cannot leave its path segment. */
  String renderPath(TryFacts facts) throws TemplateException {
    return render(facts, true);
  }

  /** The value itself where the text is one placeholder and nothing else, else the text. */
  JsonNode renderJson(TryFacts facts) throws TemplateException {
    return parts.size() == 1 && parts.getFirst() instanceof Part.Value only
        ? value(only, facts)
        : TextNode.valueOf(render(facts));
  }

  private String render(TryFacts facts, boolean path) throws TemplateException {
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Literal literal -> out.append(literal.text());
        case Part.Value value -> {
          JsonNode node = value(value, facts);
          if (node.isContainerNode() || node.isNull()) {
            throw new TemplateException(
                "{%s}: %s (expected: a string, number or boolean)"
                    .formatted(value.name(), node.getNodeType()));
          }
          out.append(path ? pathValue(value.name(), node.asText()) : node.asText());
        }
      }
    }
    return out.toString();
  }

  private static JsonNode value(Part.Value value, TryFacts facts) throws TemplateException {
    JsonNode node = value.source().value(facts);
    if (node == null) {
      throw new TemplateException(
          "{%s}: no such value in this call (expected: every call of a callback route has it)"
              .formatted(value.name()));
    }
    return node;
  }

  /** Percent-encoded, and never a segment that would mean another path. */
  private static String pathValue(String name, String value) throws TemplateException {
    if (value.isEmpty() || value.equals(".") || value.equals("..")) {
      throw new TemplateException(
          "{%s}: '%s' in a path (expected: a value that stays in its segment)"
              .formatted(name, value));
    }
    StringBuilder out = new StringBuilder();
    for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || UNRESERVED.indexOf(c) >= 0;
      if (plain) {
        out.append(c);
      } else {
        out.append('%').append(HEX.toHexDigits((byte) c));
      }
    }
    return out.toString();
  }
}
