package io.handfast.xds.resource;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.pgv.validate.Validate;
import org.jspecify.annotations.Nullable;

/**
 * What {@link PlainScan} has to know of a field. Immutable.
 *
 * @param index among the fields of its type
 * @param oneof of it among those of its type; -1: none
 * @param wireType of a value that stands by itself
 * @param leaf whether its values are Google's own messages, which carry a value
 * @param rule what is done with it
 * @param rules of a value, or of an element of a list; null: every value is right
 * @param range of whole numbers or times that the rules come to; null: they are looked at
 * @param items how many a list or map may have; null: any number
 * @param entry of a map; null: it is none
 */
record PlainField(
    FieldDescriptor field,
    int index,
    int oneof,
    int wireType,
    boolean leaf,
    FieldRule rule,
    Validate.@Nullable FieldRules rules,
    @Nullable Range range,
    @Nullable Items items,
    @Nullable PlainType entry) {

  /** Of numbers, or of times in nanoseconds. */
  record Range(long least, long greatest) {

    boolean has(long value) {
      return least <= value && value <= greatest;
    }

    Range with(String bound, long limit) {
      return switch (bound) {
        case "lt" -> new Range(least, Math.min(greatest, limit - 1));
        case "lte" -> new Range(least, Math.min(greatest, limit));
        case "gt" -> new Range(Math.max(least, limit + 1), greatest);
        case "gte" -> new Range(Math.max(least, limit), greatest);
        default -> new Range(Math.max(least, limit), Math.min(greatest, limit)); // const
      };
    }
  }

  /** How many there may be. */
  record Items(long fewest, long most, boolean unique, boolean mayBeEmpty) {

    boolean has(int count) {
      return (count == 0 && mayBeEmpty)
          || (fewest <= count && count <= most && (!unique || count < 2));
    }
  }

  static PlainField of(FieldDescriptor field, int index, FieldRule rule) {
    boolean ruled =
        rule.status() == FieldRule.Status.HONOURED
            && field.getOptions().hasExtension(Validate.rules);
    Validate.FieldRules all = field.getOptions().getExtension(Validate.rules);
    Validate.@Nullable FieldRules ofValue = ruled ? rulesOfValue(field, all) : null;
    return new PlainField(
        field,
        index,
        field.getRealContainingOneof() == null ? -1 : field.getRealContainingOneof().getIndex(),
        field.getLiteType().getWireType(),
        field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            && MessageRules.isLeaf(field.getMessageType()),
        rule,
        ofValue,
        ofValue == null ? null : range(field, ofValue),
        ruled ? items(field, all) : null,
        field.isMapField() ? PlainType.ofEntry(field.getMessageType()) : null);
  }

  private static Validate.@Nullable FieldRules rulesOfValue(
      FieldDescriptor field, Validate.FieldRules all) {
    if (field.isMapField() || (field.isRepeated() && !all.getRepeated().hasItems())) {
      return null;
    }
    return field.isRepeated() ? all.getRepeated().getItems() : all;
  }

  private static @Nullable Items items(FieldDescriptor field, Validate.FieldRules all) {
    if (field.isMapField()) {
      long fewest = all.getMap().getMinPairs();
      // A key may stand there twice, so that two that are wanted have to be looked at.
      return new Items(fewest, Long.MAX_VALUE, fewest > 1, false);
    }
    Validate.RepeatedRules list = all.getRepeated();
    return field.isRepeated()
        ? new Items(
            list.getMinItems(),
            list.hasMaxItems() ? list.getMaxItems() : Long.MAX_VALUE,
            list.getUnique(),
            list.getIgnoreEmpty())
        : null;
  }

  /** What the rules of numbers and times come to that 64 bits hold. */
  private static @Nullable Range range(FieldDescriptor field, Validate.FieldRules rules) {
    boolean fits =
        switch (rules.getTypeCase()) {
          case UINT32 ->
              field.getType() == FieldDescriptor.Type.UINT32
                  || isOf(field, UInt32Value.getDescriptor());
          case INT32 -> field.getType() == FieldDescriptor.Type.INT32;
          case INT64 -> field.getType() == FieldDescriptor.Type.INT64;
          case DURATION -> isOf(field, Duration.getDescriptor());
          default -> false;
        };
    if (!fits) {
      return null;
    }
    Message bounds = Constraints.ruleMessage(rules);
    Range range = new Range(Long.MIN_VALUE, Long.MAX_VALUE);
    for (FieldDescriptor bound : bounds.getAllFields().keySet()) {
      if (Constraints.isBound(bound)) {
        Object limit = bounds.getField(bound);
        range =
            range.with(
                bound.getName(),
                switch (limit) {
                  case Duration time -> Durations.toNanos(time);
                  case Integer number when rules.hasUint32() -> Integer.toUnsignedLong(number);
                  default -> ((Number) limit).longValue();
                });
      }
    }
    return range;
  }

  private static boolean isOf(FieldDescriptor field, Descriptor message) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && field.getMessageType().equals(message);
  }

  boolean isHonoured() {
    return rule.status() == FieldRule.Status.HONOURED;
  }

  /** Whether any value is right that can be read. */
  boolean isFree() {
    return rules == null && rule.values().isEmpty();
  }

  /** Whether something is wrong where it is not set. */
  boolean isWanted() {
    if (rules == null || field.isRepeated()) {
      return false;
    }
    if (field.hasPresence()) {
      return field.getRealContainingOneof() == null && Constraints.isRequired(rules);
    }
    return !Constraints.isRight(field.getDefaultValue(), rules);
  }
}
