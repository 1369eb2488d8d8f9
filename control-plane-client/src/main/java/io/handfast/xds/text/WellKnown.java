package io.handfast.xds.text;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import java.text.ParseException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Google's messages that protobuf's JSON mapping does not write as mappings of their fields. Pure
 * functions.
 */
final class WellKnown {

  private static final Set<String> WRAPPERS =
      Set.of(
          "google.protobuf.BoolValue",
          "google.protobuf.StringValue",
          "google.protobuf.BytesValue",
          "google.protobuf.Int32Value",
          "google.protobuf.UInt32Value",
          "google.protobuf.Int64Value",
          "google.protobuf.UInt64Value",
          "google.protobuf.FloatValue",
          "google.protobuf.DoubleValue");
  private static final Set<String> OTHERS =
      Set.of(
          "google.protobuf.Duration",
          "google.protobuf.Timestamp",
          "google.protobuf.Struct",
          "google.protobuf.Value",
          "google.protobuf.ListValue");

  private WellKnown() {}

  static boolean isSpecial(Descriptor message) {
    return WRAPPERS.contains(message.getFullName()) || OTHERS.contains(message.getFullName());
  }

  /** The message, or null if the tree does not fit, which has then been noted. */
  static @Nullable Message value(Tree tree, Message.Builder into, Place place) {
    return switch (into.getDescriptorForType().getName()) {
      case "Duration" -> duration(tree, place);
      case "Timestamp" -> timestamp(tree, place);
      case "Struct" -> struct(tree, place);
      case "ListValue" -> list(tree, place);
      case "Value" -> value(tree);
      default -> wrapper(tree, into, place);
    };
  }

  private static @Nullable Message wrapper(Tree tree, Message.Builder into, Place place) {
    FieldDescriptor field = into.getDescriptorForType().findFieldByNumber(1);
    Object value = Scalars.value(tree, field, place);
    return value == null ? null : into.setField(field, value).build();
  }

  private static @Nullable Duration duration(Tree tree, Place place) {
    if (tree instanceof Tree.Scalar scalar) {
      try {
        return Durations.parse(scalar.text());
      } catch (ParseException | IllegalArgumentException e) {
        // Told below, with the path.
      }
    }
    place.refuse(tree, "a duration in seconds such as '5s' or '0.250s'");
    return null;
  }

  private static @Nullable Timestamp timestamp(Tree tree, Place place) {
    if (tree instanceof Tree.Scalar scalar) {
      try {
        return Timestamps.parse(scalar.text());
      } catch (ParseException | IllegalArgumentException e) {
        // Told below, with the path.
      }
    }
    place.refuse(tree, "a time such as '2030-01-31T12:00:00Z'");
    return null;
  }

  private static @Nullable Struct struct(Tree tree, Place place) {
    if (tree instanceof Tree.Mapping mapping) {
      return structOf(mapping);
    }
    place.refuse(tree, "a mapping");
    return null;
  }

  private static @Nullable ListValue list(Tree tree, Place place) {
    if (tree instanceof Tree.Sequence sequence) {
      return listOf(sequence);
    }
    place.refuse(tree, "a list");
    return null;
  }

  private static Struct structOf(Tree.Mapping mapping) {
    Struct.Builder struct = Struct.newBuilder();
    mapping.entries().forEach(entry -> struct.putFields(entry.name(), value(entry.value())));
    return struct.build();
  }

  private static ListValue listOf(Tree.Sequence sequence) {
    ListValue.Builder list = ListValue.newBuilder();
    sequence.values().forEach(value -> list.addValues(value(value)));
    return list.build();
  }

  private static Value value(Tree tree) {
    Value.Builder value = Value.newBuilder();
    return switch (tree) {
      case Tree.Mapping mapping -> value.setStructValue(structOf(mapping)).build();
      case Tree.Sequence sequence -> value.setListValue(listOf(sequence)).build();
      case Tree.Scalar scalar ->
          switch (scalar.kind()) {
            case STRING -> value.setStringValue(scalar.text()).build();
            case NUMBER -> value.setNumberValue(Double.parseDouble(scalar.text())).build();
            case BOOLEAN -> value.setBoolValue(Boolean.parseBoolean(scalar.text())).build();
            case NULL -> value.setNullValue(NullValue.NULL_VALUE).build();
          };
    };
  }
}
