package io.handfast.proxy.accesslog;

import io.handfast.proxy.config.AccessLogConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A compiled format of an access log. Immutable. */
public abstract sealed class LogFormat {

  private LogFormat() {}

  /**
   * Compiles a format.
   *
   * @throws InvalidFormatException if it has an operator that is not known, or one that is written
   *     wrongly
   */
  public static LogFormat compile(AccessLogConfig.Format format) throws InvalidFormatException {
    return switch (format) {
      case AccessLogConfig.Format.Text text -> new Text(template("", text.format()));
      case AccessLogConfig.Format.Json json -> new JsonLine(object("", json.fields()));
    };
  }

  /** What is wrong with a format's text; empty if nothing is. */
  public static Optional<String> problem(String format) {
    try {
      Template.compile(format);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Appends one record, its end of line included. */
  abstract void append(LogRecord log, StringBuilder out);

  private static final class Text extends LogFormat {
    private final Template template;

    Text(Template template) {
      this.template = template;
    }

    @Override
    void append(LogRecord log, StringBuilder out) {
      template.append(log, out);
    }
  }

  private static final class JsonLine extends LogFormat {
    private final Node root;

    JsonLine(Node root) {
      this.root = root;
    }

    @Override
    void append(LogRecord log, StringBuilder out) {
      appendNode(root, log, out);
      out.append('\n');
    }
  }

  /** A value of the JSON format. */
  private sealed interface Node {
    record Value(Template template) implements Node {}

    record Constant(String json) implements Node {}

    record Member(String name, Node value) {}

    record Members(List<Member> members) implements Node {}
  }

  private static void appendNode(Node node, LogRecord log, StringBuilder out) {
    switch (node) {
      case Node.Value value -> value.template().appendJson(log, out);
      case Node.Constant constant -> out.append(constant.json());
      case Node.Members members -> {
        out.append('{');
        boolean first = true;
        for (Node.Member member : members.members()) {
          if (!first) {
            out.append(',');
          }
          first = false;
          Json.quote(member.name(), member.name().length(), out);
          out.append(':');
          appendNode(member.value(), log, out);
        }
        out.append('}');
      }
    }
  }

  private static Node.Members object(String path, Map<?, ?> fields) throws InvalidFormatException {
    List<Node.Member> members = new ArrayList<>();
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      String name = String.valueOf(field.getKey());
      members.add(
          new Node.Member(name, node(path.isEmpty() ? name : path + "." + name, field.getValue())));
    }
    return new Node.Members(List.copyOf(members));
  }

  private static Node node(String path, Object value) throws InvalidFormatException {
    return switch (value) {
      case String text -> new Node.Value(template(path, text));
      case Map<?, ?> nested -> object(path, nested);
      case Boolean flag -> new Node.Constant(flag.toString());
      case Number number -> new Node.Constant(number(number.doubleValue()));
      default ->
          throw new InvalidFormatException(
              path,
              value + " (expected: a string with operators, a number, a boolean or an object)");
    };
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static Template template(String path, String text) throws InvalidFormatException {
    try {
      return Template.compile(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(path, String.valueOf(e.getMessage()));
    }
  }
}
