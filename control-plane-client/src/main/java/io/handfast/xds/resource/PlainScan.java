package io.handfast.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.BytesValue;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DoubleValue;
import com.google.protobuf.Duration;
import com.google.protobuf.Empty;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.FloatValue;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Int64Value;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import com.google.protobuf.WireFormat;
import com.google.protobuf.util.Durations;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a message's bytes and says whether there is nothing to say of it: then {@link FieldCheck}
 * need not walk it. To walk is to ask a message by reflection for each field that its type has, and
 * most are not set; in its bytes stand those that are.
 *
 * <p>Whether it is so is told in one direction only: what this one is not sure of is not plain, and
 * is walked. Thread-safe.
 */
final class PlainScan {

  /** Deeper is walked. */
  private static final int MAX_DEPTH = 50;

  /** Bound of what is in a leaf; with what it is in still less than the parser's own, 100. */
  private static final int MAX_LEAF_DEPTH = 40;

  private static final Map<String, Message> LEAVES =
      Stream.of(
              BoolValue.getDefaultInstance(),
              BytesValue.getDefaultInstance(),
              DoubleValue.getDefaultInstance(),
              Duration.getDefaultInstance(),
              Empty.getDefaultInstance(),
              FloatValue.getDefaultInstance(),
              Int32Value.getDefaultInstance(),
              Int64Value.getDefaultInstance(),
              ListValue.getDefaultInstance(),
              StringValue.getDefaultInstance(),
              Struct.getDefaultInstance(),
              Timestamp.getDefaultInstance(),
              UInt32Value.getDefaultInstance(),
              UInt64Value.getDefaultInstance(),
              Value.getDefaultInstance())
          .collect(
              Collectors.toUnmodifiableMap(
                  each -> each.getDescriptorForType().getFullName(), Function.identity()));

  private final FieldTable table;
  private final TypeRegistry types;

  PlainScan(FieldTable table, TypeRegistry types) {
    this.table = table;
    this.types = types;
  }

  /**
   * Whether every field that is set is honoured and right, and none is missing.
   *
   * @param depth of the message in that which is checked
   */
  boolean isPlain(Message message, int depth) {
    MessageRules rules = table.rules(message.getDescriptorForType());
    try {
      return rules.known() && scan(rules, message.toByteString().newCodedInput(), depth);
    } catch (IOException e) {
      return false; // the walk says what is wrong
    }
  }

  /** The same of the message that an Any stands for. */
  boolean isPlain(Any any, int depth) {
    try {
      return scan(any, depth);
    } catch (IOException e) {
      return false;
    }
  }

  private boolean scan(Any any, int depth) throws IOException {
    Message instance = types.plainly(any);
    if (instance == null) {
      return false;
    }
    MessageRules rules = table.rules(instance.getDescriptorForType());
    if (rules.leaf()) {
      instance.getParserForType().parseFrom(any.getValue(), ExtensionRegistry.getEmptyRegistry());
      return true;
    }
    return scan(rules, any.getValue().newCodedInput(), depth);
  }

  private boolean scan(MessageRules rules, CodedInputStream in, int depth) throws IOException {
    return rules.known() && depth <= MAX_DEPTH && scan(rules.plain(), in, depth);
  }

  private boolean scan(PlainType type, CodedInputStream in, int depth) throws IOException {
    PlainType.Seen seen = type.seen();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      PlainField field = type.field(WireFormat.getTagFieldNumber(tag));
      if (field == null || !field.isHonoured()) {
        return false;
      }
      int wireType = WireFormat.getTagWireType(tag);
      boolean plain =
          wireType == field.wireType()
              ? seen.add(field) && value(field, in, depth)
              : wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED
                  && field.field().isPackable()
                  && packed(field, seen, in);
      if (!plain) {
        return false;
      }
    }
    return seen.isWhole();
  }

  private boolean packed(PlainField field, PlainType.Seen seen, CodedInputStream in)
      throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      if (!seen.add(field) || !scalar(field, in)) {
        return false;
      }
    }
    in.popLimit(outer);
    return true;
  }

  private boolean value(PlainField field, CodedInputStream in, int depth) throws IOException {
    if (field.field().getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
      return scalar(field, in);
    }
    if (field.entry() == null && field.leaf()) {
      return leaf(field, in, depth);
    }
    if (!field.rule().values().isEmpty()) {
      return false;
    }
    PlainType entry = field.entry();
    int outer = in.pushLimit(in.readRawVarint32());
    boolean plain =
        entry == null
            ? scan(table.rules(field.field().getMessageType()), in, depth + 1)
            : scan(entry, in, depth + 1);
    in.popLimit(outer);
    return plain;
  }

  /** A message that carries a value, and nothing that the table lists. */
  private boolean leaf(PlainField field, CodedInputStream in, int depth) throws IOException {
    if (field.field().getMessageType().equals(Any.getDescriptor())) {
      return field.rule().values().isEmpty()
          && scan((Any) parse(Any.getDefaultInstance(), in), depth + 1);
    }
    Message instance = LEAVES.get(field.field().getMessageType().getFullName());
    return instance != null && isRight(field, parse(instance, in));
  }

  private static Message parse(Message instance, CodedInputStream in) throws IOException {
    CodedInputStream leaf = in.readBytes().newCodedInput();
    leaf.setRecursionLimit(MAX_LEAF_DEPTH);
    Message message =
        instance.getParserForType().parseFrom(leaf, ExtensionRegistry.getEmptyRegistry());
    leaf.checkLastTagWas(0);
    return message;
  }

  private static boolean scalar(PlainField field, CodedInputStream in) throws IOException {
    return isRight(field, read(field.field(), in));
  }

  private static Object read(FieldDescriptor field, CodedInputStream in) throws IOException {
    return switch (field.getType()) {
      case STRING -> in.readStringRequireUtf8();
      case BYTES -> in.readBytes();
      case BOOL -> in.readBool();
      case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(in.readEnum());
      case INT32 -> in.readInt32();
      case UINT32 -> in.readUInt32();
      case SINT32 -> in.readSInt32();
      case FIXED32 -> in.readFixed32();
      case SFIXED32 -> in.readSFixed32();
      case INT64 -> in.readInt64();
      case UINT64 -> in.readUInt64();
      case SINT64 -> in.readSInt64();
      case FIXED64 -> in.readFixed64();
      case SFIXED64 -> in.readSFixed64();
      case FLOAT -> in.readFloat();
      case DOUBLE -> in.readDouble();
      case MESSAGE, GROUP ->
          throw new IllegalArgumentException(field + " (expected: a field without messages)");
    };
  }

  private static boolean isRight(PlainField field, Object value) {
    if (value instanceof Duration time && !FieldCheck.isTime(time)) {
      return false;
    }
    if (field.isFree()) {
      return true;
    }
    List<String> values = field.rule().values();
    if (!values.isEmpty()
        && (field.field().isRepeated() || !values.contains(FieldCheck.text(value)))) {
      return false;
    }
    return field.rules() == null
        || (field.range() == null
            ? Constraints.isRight(value, field.rules())
            : field.range().has(number(field, value)));
  }

  /** What a range is of: unsigned if it has 32 bits and no sign, times in nanoseconds. */
  private static long number(PlainField field, Object value) {
    return switch (value) {
      case Duration time -> Durations.toNanos(time);
      case UInt32Value wrapper -> Integer.toUnsignedLong(wrapper.getValue());
      case Integer number when field.field().getType() == FieldDescriptor.Type.UINT32 ->
          Integer.toUnsignedLong(number);
      default -> ((Number) value).longValue();
    };
  }
}
