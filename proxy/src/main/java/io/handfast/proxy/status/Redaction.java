package io.handfast.proxy.status;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.TypeRegistry;
import java.util.List;
import java.util.Map;
import udpa.annotations.Sensitive;

/**
 * Takes secrets out of a configuration before anybody sees it, as Envoy does: of a field that its
 * protos mark as sensitive, text and bytes become {@code [redacted]}, wherever they stand in it,
 * and the rest is left out. Stateless.
 */
final class Redaction {

  private static final String REDACTED = "[redacted]";

  /** Of messages within messages; what is accepted has fewer. */
  private static final int MAX_DEPTH = 100;

  private Redaction() {}

  /**
   * The message without its secrets. An {@code Any} of a type that nobody here knows, or too deep
   * within others, becomes a {@code TypedStruct} that says which: what is in it cannot be shown,
   * and could not be printed.
   *
   * @param types messages that may stand in an {@code Any}
   */
  static <M extends Message> M redact(M message, TypeRegistry types) {
    @SuppressWarnings("unchecked") // a builder makes what it was made of
    M redacted = (M) redact(message, types, false, 0);
    return redacted;
  }

  private static Message redact(Message message, TypeRegistry types, boolean sensitive, int depth) {
    if (message instanceof Any any) {
      return redactAny(any, types, sensitive, depth);
    }
    Message.Builder builder = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      boolean within = sensitive || field.getOptions().getExtension(Sensitive.sensitive);
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        redactMessages(builder, field, entry.getValue(), types, within, depth + 1);
      } else if (within) {
        redactValues(builder, field, entry.getValue());
      }
    }
    return builder.build();
  }

  private static void redactMessages(
      Message.Builder builder,
      FieldDescriptor field,
      Object value,
      TypeRegistry types,
      boolean sensitive,
      int depth) {
    if (value instanceof List<?> values) {
      builder.clearField(field);
      for (Object each : values) {
        builder.addRepeatedField(field, redact((Message) each, types, sensitive, depth));
      }
    } else {
      builder.setField(field, redact((Message) value, types, sensitive, depth));
    }
  }

  private static void redactValues(Message.Builder builder, FieldDescriptor field, Object value) {
    Object shown =
        switch (field.getJavaType()) {
          case STRING -> REDACTED;
          case BYTE_STRING -> ByteString.copyFromUtf8(REDACTED);
          case INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM, MESSAGE -> null;
        };
    builder.clearField(field);
    if (shown == null) {
      return;
    }
    if (value instanceof List<?> values) {
      values.forEach(_ -> builder.addRepeatedField(field, shown));
    } else {
      builder.setField(field, shown);
    }
  }

  /** A struct becomes the message that it stands for: of that it is known what is secret. */
  private static Message redactAny(Any any, TypeRegistry types, boolean sensitive, int depth) {
    if (depth > MAX_DEPTH) {
      return unknown(types.typeUrlIn(any));
    }
    return types
        .unpack(any, "", new ConfigErrors())
        .map(inner ->
            Any.newBuilder()
                .setTypeUrl(types.typeUrlIn(any))
                .setValue(redact(inner, types, sensitive, depth).toByteString())
                .build())
        .orElseGet(() -> unknown(types.typeUrlIn(any)));
  }

  private static Any unknown(String typeUrl) {
    return Any.pack(TypedStruct.newBuilder().setTypeUrl(typeUrl).build());
  }
}
