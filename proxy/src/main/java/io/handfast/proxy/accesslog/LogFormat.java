package io.handfast.proxy.accesslog;

import io.handfast.proxy.config.AccessLogConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
      case AccessLogConfig.Format.Text text ->
          new Text(template("", text.format(), text.omitEmpty()));
      case AccessLogConfig.Format.Json json ->
          new JsonLine(object("", json.fields(), json.omitEmpty()), json.omitEmpty());
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
    private final Node.Members root;
    private final boolean omitEmpty;

    JsonLine(Node.Members root, boolean omitEmpty) {
      this.root = root;
      this.omitEmpty = omitEmpty;
    }

    @Override
    void append(LogRecord log, StringBuilder out) {
      appendNode(root, log, omitEmpty, out);
      out.append('\n');
    }
  }

  /** A value of the JSON format. */
  private sealed interface Node {
    record Value(Template template) implements Node {}

    record Constant(String json) implements Node {}

    record Member(String name, Node value) {}

    record Members(List<Member> members) implements Node {}

    record Items(List<Node> items) implements Node {}
  }

  /**
   * Appends a value.
   *
   * @return whether there is one; if not, what was appended is not to stand where empty values are
   *     omitted
   */
  private static boolean appendNode(Node node, LogRecord log, boolean omit, StringBuilder out) {
    return switch (node) {
      case Node.Value value -> value.template().appendJson(log, out);
      case Node.Constant constant -> {
        out.append(constant.json());
        yield !constant.json().equals("null");
      }
      case Node.Members members -> {
        out.append('{');
        boolean any = false;
        for (Node.Member member : members.members()) {
          int begin = out.length();
          if (any) {
            out.append(',');
          }
          Json.quote(member.name(), member.name().length(), out);
          out.append(':');
          any |= kept(appendNode(member.value(), log, omit, out), omit, begin, out);
        }
        out.append('}');
        yield any;
      }
      case Node.Items items -> {
        out.append('[');
        boolean any = false;
        for (Node item : items.items()) {
          int begin = out.length();
          if (any) {
            out.append(',');
          }
          any |= kept(appendNode(item, log, omit, out), omit, begin, out);
        }
        out.append(']');
        yield true;
      }
    };
  }

  private static boolean kept(boolean value, boolean omit, int begin, StringBuilder out) {
    if (omit && !value) {
      out.setLength(begin);
      return false;
    }
    return true;
  }

  /** By name, as in Envoy. */
  private static Node.Members object(String path, Map<?, ?> fields, boolean omit)
      throws InvalidFormatException {
    List<Node.Member> members = new ArrayList<>();
    for (String name : names(fields)) {
      members.add(
          new Node.Member(
              name, node(path.isEmpty() ? name : path + "." + name, fields.get(name), omit)));
    }
    return new Node.Members(List.copyOf(members));
  }

  private static List<String> names(Map<?, ?> fields) {
    return fields.keySet().stream().map(String::valueOf).sorted().toList();
  }

  private static Node node(String path, @Nullable Object value, boolean omit)
      throws InvalidFormatException {
    return switch (value) {
      case null -> new Node.Constant("null");
      case String text -> new Node.Value(template(path, text, omit));
      case Map<?, ?> nested -> object(path, nested, omit);
      case List<?> list -> {
        List<Node> items = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
          items.add(node(path + "[" + i + "]", list.get(i), omit));
        }
        yield new Node.Items(items);
      }
      case Boolean flag -> new Node.Constant(flag.toString());
      case Number number -> new Node.Constant(number(number.doubleValue()));
      default ->
          throw new InvalidFormatException(
              path,
              value
                  + " (expected: a string with operators, a number, a boolean, a list or an"
                  + " object)");
    };
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static Template template(String path, String text, boolean omit)
      throws InvalidFormatException {
    try {
      return omit ? Template.compile(text, "") : Template.compile(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidFormatException(path, String.valueOf(e.getMessage()));
    }
  }
}
