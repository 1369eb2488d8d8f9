package io.handfast.proxy.admin;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.FieldMaskUtil;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The fields that {@code ?mask=} names. Immutable.
 *
 * @param text as it was given
 */
record DumpMask(String text, FieldMask fields) {

  static DumpMask parse(String text) {
    return new DumpMask(text, FieldMaskUtil.fromString(text));
  }

  /** Those fields of a section; empty if it has not all of them. */
  Optional<Message> of(Message section) {
    return FieldMaskUtil.isValid(section.getDescriptorForType(), fields)
        ? Optional.of(FieldMaskUtil.trim(fields, section))
        : Optional.empty();
  }

  /**
   * Those fields of an entry, whose resource is as if it were no {@code Any}.
   *
   * @param unpack an {@code Any}
   * @throws BadRequestException if a field is not there
   */
  Message ofEntry(Message entry, Function<Any, Message> unpack) throws BadRequestException {
    Set<String> own = new LinkedHashSet<>();
    Map<FieldDescriptor, FieldMask.Builder> inner = new LinkedHashMap<>();
    for (String path : fields.getPathsList()) {
      int dot = path.indexOf('.');
      String first = dot < 0 ? path : path.substring(0, dot);
      FieldDescriptor field = entry.getDescriptorForType().findFieldByName(first);
      if (dot >= 0 && field != null && isAny(field)) {
        own.add(first);
        inner.computeIfAbsent(field, _ -> FieldMask.newBuilder()).addPaths(path.substring(dot + 1));
      } else {
        own.add(path);
      }
    }
    FieldMask outer = FieldMask.newBuilder().addAllPaths(own).build();
    if (!FieldMaskUtil.isValid(entry.getDescriptorForType(), outer)) {
      throw unusable(entry);
    }
    Message.Builder trimmed = FieldMaskUtil.trim(outer, entry).toBuilder();
    for (Map.Entry<FieldDescriptor, FieldMask.Builder> each : inner.entrySet()) {
      if (!entry.hasField(each.getKey())) {
        continue;
      }
      Message resource = unpack.apply(any(entry.getField(each.getKey())));
      FieldMask mask = each.getValue().build();
      if (!FieldMaskUtil.isValid(resource.getDescriptorForType(), mask)) {
        throw unusable(resource);
      }
      trimmed.setField(
          each.getKey(), packed(each.getKey(), FieldMaskUtil.trim(mask, resource), trimmed));
    }
    return trimmed.build();
  }

  /** As the message is, so are its fields: made of classes or of descriptors. */
  private static Message packed(FieldDescriptor field, Message resource, Message.Builder into) {
    Message.Builder any = into.newBuilderForField(field);
    try {
      return any.mergeFrom(Any.pack(resource).toByteString(), ExtensionRegistry.getEmptyRegistry())
          .build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an Any cannot be made: " + e.getMessage(), e);
    }
  }

  static boolean isAny(FieldDescriptor field) {
    return !field.isRepeated()
        && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && field.getMessageType().getFullName().equals(Any.getDescriptor().getFullName());
  }

  /** What such a field holds. */
  static Any any(Object value) {
    try {
      return value instanceof Any any
          ? any
          : Any.parseFrom(((Message) value).toByteString(), ExtensionRegistry.getEmptyRegistry());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an Any cannot be read: " + e.getMessage(), e);
    }
  }

  private BadRequestException unusable(Message of) {
    return new BadRequestException(
        "FieldMask "
            + text
            + " could not be successfully used (expected: fields of "
            + of.getDescriptorForType().getFullName()
            + ")");
  }
}
