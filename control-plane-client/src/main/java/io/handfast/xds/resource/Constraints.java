package io.handfast.xds.resource;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.pgv.validate.Validate;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Holds honoured fields against the constraints that Envoy's protos carry ({@code validate.rules}):
 * required, lengths, ranges, sets. Pure functions.
 */
final class Constraints {

  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000L);

  private Constraints() {}

  static void check(Message message, FieldPath path, MessageRules of, ConfigErrors errors) {
    for (OneofDescriptor oneof : of.required()) {
      if (!message.hasOneof(oneof)) {
        String names =
            oneof.getFields().stream()
                .filter(field -> of.rule(field).status() == FieldRule.Status.HONOURED)
                .map(FieldDescriptor::getName)
                .collect(Collectors.joining(", "));
        errors.add(
            path.field(oneof.getName()).toString(), "missing (expected: one of " + names + ")");
      }
    }
    for (MessageRules.Constrained each : of.constrained()) {
      checkField(message, each.field(), each.rules(), path.field(each.field().getName()), errors);
    }
  }

  private static void checkField(
      Message message,
      FieldDescriptor field,
      Validate.FieldRules rules,
      FieldPath path,
      ConfigErrors errors) {
    if (field.isMapField()) {
      checkSize(
          message.getRepeatedFieldCount(field),
          rules.getMap().getMinPairs(),
          Long.MAX_VALUE,
          path,
          errors);
      return;
    }
    if (field.isRepeated()) {
      checkRepeated(message, field, rules.getRepeated(), path, errors);
      return;
    }
    if (field.hasPresence() && !message.hasField(field)) {
      if (field.getRealContainingOneof() != null) {
        return; // Required there means: if it is the member that is chosen.
      }
      if (isRequired(rules)) {
        errors.add(path.toString(), "missing (expected: it is required)");
      }
      return;
    }
    checkValue(message.getField(field), rules, path, errors);
  }

  /** Whether a field that can be there or not has to be there. */
  static boolean isRequired(Validate.FieldRules rules) {
    return rules.getMessage().getRequired()
        || rules.getDuration().getRequired()
        || rules.getAny().getRequired();
  }

  /** Whether a value, or an element of a list, breaks none of its rules. */
  static boolean isRight(Object value, Validate.FieldRules rules) {
    ConfigErrors errors = new ConfigErrors();
    checkValue(value, rules, FieldPath.of(""), errors);
    return errors.isEmpty();
  }

  private static void checkRepeated(
      Message message,
      FieldDescriptor field,
      Validate.RepeatedRules rules,
      FieldPath path,
      ConfigErrors errors) {
    int count = message.getRepeatedFieldCount(field);
    if (count == 0 && rules.getIgnoreEmpty()) {
      return;
    }
    checkSize(
        count,
        rules.getMinItems(),
        rules.hasMaxItems() ? rules.getMaxItems() : Long.MAX_VALUE,
        path,
        errors);
    List<?> values = (List<?>) message.getField(field);
    if (rules.getUnique() && values.stream().distinct().count() < count) {
      errors.add(path.toString(), "a value twice (expected: unique values)");
    }
    if (rules.hasItems()) {
      for (int i = 0; i < count; i++) {
        checkValue(values.get(i), rules.getItems(), path.at(i), errors);
      }
    }
  }

  private static void checkSize(
      int count, long min, long max, FieldPath path, ConfigErrors errors) {
    if (count < min) {
      errors.add(path.toString(), count + " entries (expected: at least " + min + ")");
    } else if (count > max) {
      errors.add(path.toString(), count + " entries (expected: at most " + max + ")");
    }
  }

  private static void checkValue(
      Object value, Validate.FieldRules rules, FieldPath path, ConfigErrors errors) {
    switch (value) {
      case String text -> checkString(text, rules.getString(), path, errors);
      case EnumValueDescriptor constant -> checkEnum(constant, rules.getEnum(), path, errors);
      case Duration duration ->
          checkOrder(duration, () -> text(duration), ruleMessage(rules), path, errors);
      case Message wrapper
          when wrapper.getDescriptorForType().getName().endsWith("Value")
              && wrapper.getDescriptorForType().getFile().getPackage().equals("google.protobuf") ->
          checkWrapper(wrapper, rules, path, errors);
      case Number number -> checkNumber(number, rules, path, errors);
      case Boolean flag when rules.getBool().hasConst() && flag != rules.getBool().getConst() ->
          errors.add(path.toString(), flag, String.valueOf(rules.getBool().getConst()));
      default -> {
        // Messages are walked into; booleans and bytes without a rule are free.
      }
    }
  }

  private static void checkWrapper(
      Message wrapper, Validate.FieldRules rules, FieldPath path, ConfigErrors errors) {
    FieldDescriptor inner = wrapper.getDescriptorForType().findFieldByNumber(1);
    if (inner != null && inner.getName().equals("value")) {
      checkValue(wrapper.getField(inner), rules, path, errors);
    }
  }

  private static void checkNumber(
      Number number, Validate.FieldRules rules, FieldPath path, ConfigErrors errors) {
    if (!Double.isFinite(number.doubleValue())) {
      errors.add(path.toString(), number, "a finite number");
      return;
    }
    boolean unsigned = unsigned(rules);
    checkOrder(number, () -> text(number, unsigned), ruleMessage(rules), path, errors);
  }

  private static void checkString(
      String value, Validate.StringRules rules, FieldPath path, ConfigErrors errors) {
    if (value.isEmpty() && rules.getIgnoreEmpty()) {
      return;
    }
    int characters = value.codePointCount(0, value.length());
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (characters < rules.getMinLen() || bytes < rules.getMinBytes()) {
      errors.add(
          path.toString(),
          "'" + value + "'",
          value.isEmpty()
              ? "a non-empty string"
              : "at least " + Math.max(rules.getMinLen(), rules.getMinBytes()) + " characters");
    } else if ((rules.hasMaxLen() && characters > rules.getMaxLen())
        || (rules.hasMaxBytes() && bytes > rules.getMaxBytes())) {
      errors.add(
          path.toString(),
          bytes + " bytes",
          "at most " + (rules.hasMaxLen() ? rules.getMaxLen() : rules.getMaxBytes()));
    } else if (rules.hasPrefix() && !value.startsWith(rules.getPrefix())) {
      errors.add(path.toString(), value, "it begins with '" + rules.getPrefix() + "'");
    } else if (rules.getInCount() > 0 && !rules.getInList().contains(value)) {
      errors.add(path.toString(), value, "one of " + rules.getInList());
    } else if (rules.getWellKnownRegex() != Validate.KnownRegex.UNKNOWN
        && hasControlCharacter(value)) {
      errors.add(path.toString(), "a control character in it", "none");
    }
  }

  /** NUL, CR and LF are what both of PGV's header expressions, strict or not, agree to refuse. */
  private static boolean hasControlCharacter(String value) {
    return value.chars().anyMatch(c -> c == 0 || c == '\r' || c == '\n');
  }

  private static void checkEnum(
      EnumValueDescriptor value, Validate.EnumRules rules, FieldPath path, ConfigErrors errors) {
    if (rules.getDefinedOnly() && value.getIndex() < 0) {
      errors.add(path.toString(), value.getNumber(), "one of " + names(value));
    } else if (rules.getNotInList().contains(value.getNumber())) {
      errors.add(path.toString(), value.getName(), "one of " + names(value) + " without it");
    } else if (rules.getInCount() > 0 && !rules.getInList().contains(value.getNumber())) {
      errors.add(path.toString(), value.getName(), "one of " + rules.getInList());
    }
  }

  private static List<String> names(EnumValueDescriptor value) {
    return value.getType().getValues().stream().map(EnumValueDescriptor::getName).toList();
  }

  /** PGV's rules of numbers and durations have the same names: lt, lte, gt, gte. */
  private static void checkOrder(
      Object value, Supplier<String> shown, Message rules, FieldPath path, ConfigErrors errors) {
    boolean unsigned = rules.getDescriptorForType().getName().startsWith("UInt");
    for (FieldDescriptor bound : rules.getAllFields().keySet()) {
      if (!isBound(bound)) {
        continue;
      }
      Object limit = rules.getField(bound);
      Supplier<String> text =
          () ->
              limit instanceof Duration duration ? text(duration) : text((Number) limit, unsigned);
      int order = compare(value, limit, unsigned);
      switch (bound.getName()) {
        case "lt" -> require(order < 0, shown, "< ", text, path, errors);
        case "lte" -> require(order <= 0, shown, "<= ", text, path, errors);
        case "gt" -> require(order > 0, shown, "> ", text, path, errors);
        case "gte" -> require(order >= 0, shown, ">= ", text, path, errors);
        case "const" -> require(order == 0, shown, "", text, path, errors);
        default ->
            throw new IllegalStateException(
                "validate rule: " + bound.getFullName() + " (expected: lt, lte, gt, gte, const)");
      }
    }
  }

  /** Of the fields of a rule that are set: the others are lists and flags. */
  static boolean isBound(FieldDescriptor ofRule) {
    return !ofRule.isRepeated() && ofRule.getJavaType() != FieldDescriptor.JavaType.BOOLEAN;
  }

  private static void require(
      boolean holds,
      Supplier<String> shown,
      String order,
      Supplier<String> limit,
      FieldPath path,
      ConfigErrors errors) {
    if (!holds) {
      errors.add(path.toString(), shown.get(), order + limit.get());
    }
  }

  private static String text(Duration duration) {
    return Durations.isValid(duration)
        ? Durations.toString(duration)
        : duration.getSeconds() + "s " + duration.getNanos() + "ns";
  }

  /** The rule of the kind of value that there is one for. */
  static Message ruleMessage(Validate.FieldRules rules) {
    FieldDescriptor set =
        rules.getOneofFieldDescriptor(rules.getDescriptorForType().getOneofs().getFirst());
    return set == null
        ? Validate.DurationRules.getDefaultInstance()
        : (Message) rules.getField(set);
  }

  private static boolean unsigned(Validate.FieldRules rules) {
    return rules.hasUint32() || rules.hasUint64();
  }

  /** Exact, and without decimals where there is no fraction: their class takes long to load. */
  private static int compare(Object value, Object limit, boolean unsigned) {
    return value instanceof Double || value instanceof Float
        ? decimal((Number) value).compareTo(decimal((Number) limit))
        : whole(value, unsigned).compareTo(whole(limit, unsigned));
  }

  private static BigDecimal decimal(Number number) {
    return BigDecimal.valueOf(number.doubleValue());
  }

  /** Durations in nanoseconds. */
  private static BigInteger whole(Object value, boolean unsigned) {
    return switch (value) {
      case Integer number when unsigned -> BigInteger.valueOf(Integer.toUnsignedLong(number));
      case Long number when unsigned -> new BigInteger(Long.toUnsignedString(number));
      case Duration duration ->
          BigInteger.valueOf(duration.getSeconds())
              .multiply(NANOS)
              .add(BigInteger.valueOf(duration.getNanos()));
      default -> BigInteger.valueOf(((Number) value).longValue());
    };
  }

  private static String text(Number number, boolean unsigned) {
    return number instanceof Double || number instanceof Float
        ? decimal(number).toPlainString()
        : whole(number, unsigned).toString();
  }
}
