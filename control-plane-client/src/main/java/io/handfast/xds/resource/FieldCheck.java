package io.handfast.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Walks a message by reflection and notes every field that is set and not honoured, and every
 * honoured one whose value breaks its constraint. What {@link PlainScan} finds nothing in is not
 * walked; tables of routes are, so that each route is looked at by itself. One walk per instance,
 * confined to its thread.
 */
public final class FieldCheck {

  /** Deeper is refused; the deepest legal configuration needs about 30. */
  static final int MAX_DEPTH = 100;

  private static final Set<String> WRAPPERS =
      Set.of(
          "BoolValue",
          "UInt32Value",
          "UInt64Value",
          "Int32Value",
          "Int64Value",
          "StringValue",
          "DoubleValue",
          "FloatValue",
          "BytesValue");

  /** Longer durations are mistakes, and would overflow a timer's nanoseconds. */
  public static final java.time.Duration MAX_DURATION = java.time.Duration.ofDays(3650);

  private final FieldTable table;
  private final TypeRegistry types;
  private final PlainScan scan;
  private final ConfigErrors errors;
  private final Set<Route> passed;
  private final Set<String> observed = new TreeSet<>();

  /** Errors go to the collector. */
  public FieldCheck(FieldTable table, TypeRegistry types, ConfigErrors errors) {
    this(table, types, errors, new HashSet<>());
  }

  /**
   * The same, where routes come again and again.
   *
   * @param passed routes of which nothing is to be told, which are not looked at; takes those that
   *     are found to be such
   */
  public FieldCheck(FieldTable table, TypeRegistry types, ConfigErrors errors, Set<Route> passed) {
    this(table, types, errors, passed, new PlainScan(table, types));
  }

  /** The same, where something else says what need not be walked. */
  FieldCheck(
      FieldTable table,
      TypeRegistry types,
      ConfigErrors errors,
      Set<Route> passed,
      PlainScan scan) {
    this.table = table;
    this.types = types;
    this.errors = errors;
    this.passed = passed;
    this.scan = scan;
  }

  /** Paths of fields that were set and have no effect, sorted. */
  public List<String> observed() {
    return List.copyOf(observed);
  }

  /**
   * Checks a message and all in it.
   *
   * @param path of the message, empty for the document
   */
  public void check(Message message, String path) {
    if (!isPlain(message, 0)) {
      check(message, FieldPath.of(path), 0);
    }
  }

  /** A table comes whole for one route of it: the others have passed, and are not read again. */
  private boolean isPlain(Message message, int depth) {
    boolean routes =
        message instanceof RouteConfiguration
            || message instanceof VirtualHost
            || message instanceof Route;
    return !routes && scan.isPlain(message, depth);
  }

  private void check(Message message, FieldPath path, int depth) {
    MessageRules rules = table.rules(message.getDescriptorForType());
    if (rules.leaf()) {
      return;
    }
    if (depth > MAX_DEPTH) {
      errors.add(path.toString(), "nested deeper than " + MAX_DEPTH + " messages (expected: less)");
      return;
    }
    if (!rules.known()) {
      errors.add(
          path.toString(),
          message.getDescriptorForType().getFullName()
              + " is not supported (expected: a type of docs/CONFIG.md)");
      return;
    }
    if (!message.getUnknownFields().isEmpty()) {
      errors.add(
          path.toString(),
          "unknown field numbers "
              + message.getUnknownFields().asMap().keySet()
              + " (expected: fields of "
              + message.getDescriptorForType().getFullName()
              + ")");
    }
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      FieldRule rule = rules.rule(field);
      checkField(field, rule, entry.getValue(), path.field(field.getName()), depth);
    }
    Constraints.check(message, path, rules, errors);
  }

  private void checkField(
      FieldDescriptor field, FieldRule rule, Object value, FieldPath path, int depth) {
    if (!rule.values().isEmpty() && !rule.values().contains(text(value))) {
      errors.add(path.toString(), text(value), "one of " + rule.values() + note(rule));
      return;
    }
    switch (rule.status()) {
      case REFUSED ->
          errors.add(
              path.toString(),
              "is not supported and would change traffic (expected: not set" + note(rule) + ")");
      case OBSERVED -> observed.add(path.toString());
      case HONOURED -> descend(field, value, path, depth);
    }
  }

  private static String note(FieldRule rule) {
    return rule.note().isEmpty() ? "" : "; " + rule.note();
  }

  private void descend(FieldDescriptor field, Object value, FieldPath path, int depth) {
    if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
      return;
    }
    if (field.isMapField()) {
      for (Object entry : (List<?>) value) {
        checkMapEntry((Message) entry, path, depth);
      }
    } else if (field.isRepeated()) {
      List<?> values = (List<?>) value;
      for (int i = 0; i < values.size(); i++) {
        checkElement((Message) values.get(i), path.at(i), depth);
      }
    } else {
      checkValue((Message) value, path, depth);
    }
  }

  /** One of those that there are many of; what is wrong is mostly in another one. */
  private void checkElement(Message value, FieldPath path, int depth) {
    if (!isPlain(value, depth + 1)) {
      checkValue(value, path, depth);
    }
  }

  private void checkMapEntry(Message entry, FieldPath path, int depth) {
    FieldDescriptor valueField = entry.getDescriptorForType().findFieldByName("value");
    if (valueField.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      Object key = entry.getField(entry.getDescriptorForType().findFieldByName("key"));
      checkValue((Message) entry.getField(valueField), path.at(key), depth);
    }
  }

  private void checkValue(Message value, FieldPath path, int depth) {
    if (value instanceof Duration duration) {
      checkDuration(duration, path);
    } else if (value instanceof Any any) {
      checkAny(any, path, depth + 1);
    } else if (value instanceof Route route) {
      checkRoute(route, path, depth + 1);
    } else {
      check(value, path, depth + 1);
    }
  }

  private void checkAny(Any any, FieldPath path, int depth) {
    if (!scan.isPlain(any, depth)) {
      types.unpack(any, path.toString(), errors).ifPresent(inner -> check(inner, path, depth));
    }
  }

  private void checkRoute(Route route, FieldPath path, int depth) {
    if (passed.contains(route)) {
      return;
    }
    if (scan.isPlain(route, depth)) {
      passed.add(route);
      return;
    }
    ConfigErrors wrong = new ConfigErrors();
    FieldCheck own = new FieldCheck(table, types, wrong, passed, scan);
    own.check(route, path, depth);
    if (wrong.isEmpty() && own.observed.isEmpty()) {
      passed.add(route);
    }
    errors.addAll(wrong.list());
    observed.addAll(own.observed);
  }

  private void checkDuration(Duration duration, FieldPath path) {
    if (isTime(duration)) {
      return;
    }
    long limit = MAX_DURATION.toSeconds();
    if (!Durations.isValid(duration)) {
      errors.add(
          path.toString(),
          "seconds: " + duration.getSeconds() + ", nanos: " + duration.getNanos(),
          "0s to " + limit + "s, and less than a second of nanos");
    } else {
      errors.add(path.toString(), duration.getSeconds() + "s", "0s to " + limit + "s");
    }
  }

  /** Whether it is valid, and a timer can count it. */
  static boolean isTime(Duration duration) {
    return Durations.isValid(duration)
        && Math.abs(duration.getSeconds()) <= MAX_DURATION.toSeconds();
  }

  /** A value as the table writes it. */
  static String text(Object value) {
    return switch (value) {
      case EnumValueDescriptor constant -> constant.getName();
      case MessageOrBuilder message
          when WRAPPERS.contains(message.getDescriptorForType().getName()) ->
          String.valueOf(message.getField(message.getDescriptorForType().findFieldByNumber(1)));
      case List<?> values ->
          new ArrayList<>(values).stream().map(FieldCheck::text).toList().toString();
      case Boolean flag -> flag.toString().toLowerCase(Locale.ROOT);
      default -> value.toString();
    };
  }
}
