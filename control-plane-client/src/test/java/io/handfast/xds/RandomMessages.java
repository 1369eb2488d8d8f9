package io.handfast.xds;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Random;

/** Messages of any type with some fields set, most of them as they may be; by a seed. */
public final class RandomMessages {

  private static final List<String> TEXTS = List.of("", "a", "/x", "b-1", "\r", "grüß");
  private static final List<Long> NUMBERS =
      List.of(0L, 1L, 2L, 80L, 599L, 65_535L, 65_536L, -1L, 1L << 31, Long.MAX_VALUE);

  private final Random random;
  private final List<? extends Message> inAnys;
  private final int rarity;

  /**
   * @param inAnys default instances of what may stand in an Any
   * @param rarity of that many fields one is set
   */
  public RandomMessages(long seed, List<? extends Message> inAnys, int rarity) {
    this.random = new Random(seed);
    this.inAnys = inAnys;
    this.rarity = rarity;
  }

  /** Of that type. */
  public Message next(Message instance) {
    return next(instance, 0);
  }

  private Message next(Message instance, int depth) {
    if (instance instanceof Any) {
      return any(depth);
    }
    if (instance instanceof Duration && random.nextInt(8) > 0) {
      return Duration.newBuilder().setSeconds(1 + random.nextInt(90)).build();
    }
    Message.Builder builder = instance.newBuilderForType();
    for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
      boolean wanted = depth < 6 && random.nextInt(rarity + 2 * depth) == 0;
      if (wanted && !field.getFullName().equals("google.protobuf.Struct.fields")) {
        set(builder, field, depth);
      }
    }
    return builder.build();
  }

  private void set(Message.Builder builder, FieldDescriptor field, int depth) {
    if (!field.isRepeated()) {
      builder.setField(field, value(builder, field, depth));
      return;
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      builder.addRepeatedField(field, value(builder, field, depth));
    }
  }

  private Object value(Message.Builder builder, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case STRING -> TEXTS.get(random.nextInt(TEXTS.size()));
      case BYTE_STRING -> ByteString.copyFromUtf8(TEXTS.get(random.nextInt(TEXTS.size())));
      case BOOLEAN -> random.nextBoolean();
      case INT -> number().intValue();
      case LONG -> number();
      case FLOAT -> random.nextInt(9) == 0 ? Float.NaN : number().floatValue();
      case DOUBLE -> random.nextInt(9) == 0 ? Double.NaN : number().doubleValue();
      case ENUM -> constant(field);
      case MESSAGE ->
          next(builder.newBuilderForField(field).getDefaultInstanceForType(), depth + 1);
    };
  }

  private Long number() {
    return NUMBERS.get(random.nextInt(NUMBERS.size()));
  }

  private EnumValueDescriptor constant(FieldDescriptor field) {
    List<EnumValueDescriptor> values = field.getEnumType().getValues();
    return random.nextInt(9) == 0 && !field.legacyEnumFieldTreatedAsClosed()
        ? field.getEnumType().findValueByNumberCreatingIfUnknown(1000)
        : values.get(random.nextInt(values.size()));
  }

  /** Now and then of a type that nobody knows, damaged, or in two parts. */
  private Message any(int depth) {
    if (random.nextInt(20) == 0) {
      return Any.newBuilder().setTypeUrl(random.nextBoolean() ? "" : "x/nobody.Knows").build();
    }
    Message instance = inAnys.get(random.nextInt(inAnys.size()));
    Any any = Any.pack(next(instance, depth + 1));
    return switch (random.nextInt(20)) {
      case 0 -> any.toBuilder().setValue(damaged(any.getValue())).build();
      case 1 -> twice(any, any.getValue());
      case 2, 3 -> twice(any, next(instance, depth + 1).toByteString());
      default -> any;
    };
  }

  /** Whoever reads it merges both: fields, members of oneofs and keys may stand there twice. */
  private static Any twice(Any any, ByteString more) {
    return any.toBuilder().setValue(any.getValue().concat(more)).build();
  }

  /** The bytes with one of them another, or one more. */
  public ByteString damaged(ByteString bytes) {
    int at = random.nextInt(bytes.size() + 1);
    ByteString other = ByteString.copyFrom(new byte[] {(byte) random.nextInt(256)});
    return bytes
        .substring(0, at)
        .concat(other)
        .concat(bytes.substring(Math.min(bytes.size(), at + random.nextInt(2))));
  }
}
