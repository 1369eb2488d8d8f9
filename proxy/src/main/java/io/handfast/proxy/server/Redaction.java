package io.handfast.proxy.server;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.handfast.xds.resource.TypeRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import udpa.annotations.Sensitive;

/**
 * Takes secrets out of a configuration before anybody sees it: what stands inline in a field that
 * Envoy's protos mark as sensitive. Names of files and variables stay. Stateless.
 */
final class Redaction {

  private static final String REDACTED = "[redacted]";

  private Redaction() {}

  /**
   * The message without its secrets.
   *
   * @param types messages that may stand in an {@code Any}
   */
  static <M extends Message> M redact(M message, TypeRegistry types) {
    @SuppressWarnings("unchecked") // a builder makes what it was made of
    M redacted = (M) redact(message, types, false);
    return redacted;
  }

  private static Message redact(Message message, TypeRegistry types, boolean sensitive) {
    if (message instanceof Any any) {
      return redactAny(any, types, sensitive);
    }
    if (sensitive && message instanceof DataSource source) {
      return redactSource(source);
    }
    Message.Builder builder = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      boolean within = sensitive || field.getOptions().getExtension(Sensitive.sensitive);
      if (field.isRepeated()) {
        builder.clearField(field);
        for (Object value : (List<?>) entry.getValue()) {
          builder.addRepeatedField(field, redact((Message) value, types, within));
        }
      } else {
        builder.setField(field, redact((Message) entry.getValue(), types, within));
      }
    }
    return builder.build();
  }

  private static Message redactSource(DataSource source) {
    return switch (source.getSpecifierCase()) {
      case INLINE_STRING -> DataSource.newBuilder().setInlineString(REDACTED).build();
      case INLINE_BYTES ->
          DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8(REDACTED)).build();
      case FILENAME, ENVIRONMENT_VARIABLE, SPECIFIER_NOT_SET -> source;
    };
  }

  /** What cannot be read is not shown: nobody can say what is in it. */
  private static Message redactAny(Any any, TypeRegistry types, boolean sensitive) {
    Optional<Message> known = types.find(any.getTypeUrl());
    if (known.isEmpty()) {
      return any.toBuilder().clearValue().build();
    }
    try {
      Message inner = known.get().getParserForType().parseFrom(any.getValue());
      return any.toBuilder().setValue(redact(inner, types, sensitive).toByteString()).build();
    } catch (InvalidProtocolBufferException e) {
      return any.toBuilder().clearValue().build();
    }
  }
}
