package io.handfast.xds.resource;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import io.envoyproxy.pgv.validate.Validate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What holds for every message of a type: looked up once, not for each message. Immutable.
 *
 * @param known whether the table knows the type
 * @param leaf whether it carries a value, and no configuration
 * @param fields what is done with each field
 * @param required the oneofs of which one member must be set
 * @param constrained the honoured fields with constraints
 * @param plain the same for who reads bytes
 */
record MessageRules(
    boolean known,
    boolean leaf,
    Map<FieldDescriptor, FieldRule> fields,
    List<OneofDescriptor> required,
    List<Constrained> constrained,
    PlainType plain) {

  /** A field and its constraints. */
  record Constrained(FieldDescriptor field, Validate.FieldRules rules) {}

  /** What is done with a field of such a message. */
  FieldRule rule(FieldDescriptor field) {
    return fields.getOrDefault(field, FieldRule.UNLISTED);
  }

  /** Whether messages of that type carry a value, as Google's own do, and no configuration. */
  static boolean isLeaf(Descriptor type) {
    return type.getFile().getPackage().equals("google.protobuf");
  }

  static MessageRules of(Descriptor type, FieldTable table) {
    Map<FieldDescriptor, FieldRule> fields = new HashMap<>();
    type.getFields().forEach(field -> fields.put(field, table.rule(field)));
    List<OneofDescriptor> required =
        type.getRealOneofs().stream()
            .filter(oneof -> oneof.getOptions().getExtension(Validate.required))
            .toList();
    boolean known = table.knows(type);
    boolean leaf = isLeaf(type);
    return new MessageRules(
        known,
        leaf,
        Map.copyOf(fields),
        required,
        type.getFields().stream()
            .filter(field -> field.getOptions().hasExtension(Validate.rules))
            .filter(field -> table.rule(field).status() == FieldRule.Status.HONOURED)
            .map(field -> new Constrained(field, field.getOptions().getExtension(Validate.rules)))
            .toList(),
        known && !leaf ? PlainType.of(type, table::rule, required) : PlainType.NONE);
  }
}
