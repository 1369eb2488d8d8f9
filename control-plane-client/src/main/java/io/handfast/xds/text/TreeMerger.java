package io.handfast.xds.text;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.Names;
import io.handfast.xds.resource.TypeRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import udpa.annotations.Sensitive;

/**
 * Lays a {@link Tree} over a message by the rules of protobuf's JSON mapping (names in snake or
 * camel case, {@code @type} in an {@code Any}, durations such as {@code 0.25s}, wrappers as bare
 * values). What does not fit is noted with its path and left out. Confined to its thread.
 */
public final class TreeMerger {

  private static final String TYPE = "@type";

  private final TypeRegistry types;
  private final ConfigErrors errors;

  /** Whether what is being merged stands in a field that Envoy marks as sensitive. */
  private boolean secret;

  /** Errors go to the collector. */
  public TreeMerger(TypeRegistry types, ConfigErrors errors) {
    this.types = types;
    this.errors = errors;
  }

  /** Reads the struct of a {@code TypedStruct}; a {@code StructReader}. */
  public static void read(
      Struct struct, Message.Builder into, String path, TypeRegistry types, ConfigErrors errors) {
    TreeMerger merger = new TreeMerger(types, errors);
    if (!WellKnown.isSpecial(into.getDescriptorForType())) {
      merger.merge(Trees.of(struct), into, path);
    }
  }

  /**
   * Lays the tree over the builder.
   *
   * @param path of the message, empty for the document
   */
  public void merge(Tree tree, Message.Builder into, String path) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      at(path)
          .refuse(tree, "a mapping with fields of " + into.getDescriptorForType().getFullName());
      return;
    }
    mergeEntries(mapping.entries(), into, path);
  }

  private void mergeEntries(List<Tree.Entry> entries, Message.Builder into, String path) {
    Map<FieldDescriptor, String> seen = new HashMap<>();
    Map<OneofDescriptor, String> chosen = new HashMap<>();
    for (Tree.Entry entry : entries) {
      String entryPath = join(path, entry.name());
      FieldDescriptor field = find(into.getDescriptorForType(), entry.name());
      if (field == null) {
        errors.add(entryPath, unknownField(into.getDescriptorForType(), entry.name()));
        continue;
      }
      String fieldPath = join(path, field.getName());
      if (seen.put(field, entry.name()) != null) {
        errors.add(fieldPath, "given twice, in snake and in camel case (expected: once)");
        continue;
      }
      if (isNull(entry.value()) && !takesNull(field)) {
        continue;
      }
      OneofDescriptor oneof = field.getRealContainingOneof();
      String other = oneof == null ? null : chosen.put(oneof, field.getName());
      if (other != null) {
        errors.add(fieldPath, "excludes " + other + ", which is set too (expected: one of them)");
        continue;
      }
      boolean around = secret;
      secret = around || field.getOptions().getExtension(Sensitive.sensitive);
      mergeField(entry.value(), field, into, fieldPath);
      secret = around;
    }
  }

  private Place at(String path) {
    return new Place(path, errors, secret);
  }

  private void mergeField(Tree tree, FieldDescriptor field, Message.Builder into, String path) {
    if (field.isMapField()) {
      mergeMap(tree, field, into, path);
    } else if (field.isRepeated()) {
      if (!(tree instanceof Tree.Sequence sequence)) {
        at(path).refuse(tree, "a list");
        return;
      }
      for (int i = 0; i < sequence.values().size(); i++) {
        Object value =
            value(sequence.values().get(i), field, nested(field, into), path + "[" + i + "]");
        if (value != null) {
          into.addRepeatedField(field, value);
        }
      }
    } else {
      Object value = value(tree, field, nested(field, into), path);
      if (value != null) {
        into.setField(field, value);
      }
    }
  }

  private void mergeMap(Tree tree, FieldDescriptor field, Message.Builder into, String path) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      at(path).refuse(tree, "a mapping");
      return;
    }
    FieldDescriptor keyField = field.getMessageType().findFieldByName("key");
    FieldDescriptor valueField = field.getMessageType().findFieldByName("value");
    for (Tree.Entry entry : mapping.entries()) {
      String entryPath = path + "[\"" + entry.name() + "\"]";
      Message.Builder pair = into.newBuilderForField(field);
      Object key =
          Scalars.value(new Tree.Scalar(Tree.Kind.STRING, entry.name()), keyField, at(entryPath));
      Object value = value(entry.value(), valueField, nested(valueField, pair), entryPath);
      if (key != null && value != null) {
        into.addRepeatedField(
            field, pair.setField(keyField, key).setField(valueField, value).build());
      }
    }
  }

  /** A scalar has no builder; the one around it stands in and is not used. */
  private static Message.Builder nested(FieldDescriptor field, Message.Builder around) {
    return isMessage(field) ? around.newBuilderForField(field) : around;
  }

  /** Null if the tree does not fit, which has then been noted. */
  private @Nullable Object value(
      Tree tree, FieldDescriptor field, Message.Builder nested, String path) {
    if (!isMessage(field)) {
      return Scalars.value(tree, field, at(path));
    }
    return message(tree, nested, path);
  }

  private @Nullable Message message(Tree tree, Message.Builder into, String path) {
    if (into.getDescriptorForType().equals(Any.getDescriptor())) {
      return any(tree, path);
    }
    if (WellKnown.isSpecial(into.getDescriptorForType())) {
      return WellKnown.value(tree, into, at(path));
    }
    merge(tree, into, path);
    return into.build();
  }

  private @Nullable Message any(Tree tree, String path) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      at(path).refuse(tree, "a mapping with '@type' and the fields of that message");
      return null;
    }
    Optional<String> typeUrl = typeOf(mapping);
    if (typeUrl.isEmpty()) {
      errors.add(
          join(path, TYPE),
          "missing (expected: the type URL of a message, such as type.googleapis.com/package.Message)");
      return null;
    }
    Optional<Message> instance = types.find(typeUrl.get());
    if (instance.isEmpty()) {
      errors.add(join(path, TYPE), types.unknownType(typeUrl.get()));
      return null;
    }
    List<Tree.Entry> fields = new ArrayList<>(mapping.entries());
    fields.removeIf(entry -> entry.name().equals(TYPE));
    Message content = content(fields, instance.get().newBuilderForType(), path);
    return content == null
        ? null
        : Any.newBuilder().setTypeUrl(typeUrl.get()).setValue(content.toByteString()).build();
  }

  private @Nullable Message content(List<Tree.Entry> fields, Message.Builder into, String path) {
    if (!WellKnown.isSpecial(into.getDescriptorForType())) {
      mergeEntries(fields, into, path);
      return into.build();
    }
    if (fields.size() != 1 || !fields.getFirst().name().equals("value")) {
      errors.add(
          join(path, "value"),
          "missing (expected: '@type' and 'value', for "
              + into.getDescriptorForType().getFullName()
              + " is not written as a mapping)");
      return null;
    }
    return WellKnown.value(fields.getFirst().value(), into, at(join(path, "value")));
  }

  private static Optional<String> typeOf(Tree.Mapping mapping) {
    return mapping.entries().stream()
        .filter(entry -> entry.name().equals(TYPE))
        .map(Tree.Entry::value)
        .filter(value -> value instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.STRING)
        .map(value -> ((Tree.Scalar) value).text())
        .findFirst();
  }

  private static @Nullable FieldDescriptor find(Descriptor message, String name) {
    FieldDescriptor field = message.findFieldByName(name);
    if (field != null) {
      return field;
    }
    return message.getFields().stream()
        .filter(candidate -> candidate.getJsonName().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static String unknownField(Descriptor message, String name) {
    List<String> names = message.getFields().stream().map(FieldDescriptor::getName).toList();
    return "unknown field (expected: a field of "
        + message.getFullName()
        + Names.hint(name, names)
        + ")";
  }

  private static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
  }

  private static boolean isNull(Tree tree) {
    return tree instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.NULL;
  }

  /** {@code google.protobuf.Value} can be null; everywhere else null means: not set. */
  private static boolean takesNull(FieldDescriptor field) {
    return isMessage(field) && field.getMessageType().getFullName().equals("google.protobuf.Value");
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
