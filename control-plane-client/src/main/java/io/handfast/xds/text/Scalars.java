package io.handfast.xds.text;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.handfast.xds.resource.Names;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Scalars of protobuf's JSON mapping. Pure functions. */
final class Scalars {

  /** No number of a configuration needs more digits; longer ones cost quadratic time. */
  private static final int MAX_NUMBER_LENGTH = 400;

  /** So many fit in a long, whatever they are. */
  private static final int MAX_LONG_DIGITS = 18;

  private static final BigInteger UINT32_MAX = BigInteger.valueOf(0xffff_ffffL);
  private static final BigInteger UINT64_MAX =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private Scalars() {}

  /** The value for that field, or null if the tree does not fit, which has then been noted. */
  static @Nullable Object value(Tree tree, FieldDescriptor field, Place place) {
    if (!(tree instanceof Tree.Scalar scalar) || scalar.kind() == Tree.Kind.NULL) {
      place.refuse(tree, expected(field));
      return null;
    }
    Optional<?> value =
        switch (field.getType()) {
          case BOOL -> bool(scalar);
          case STRING -> Optional.of(scalar.text());
          case BYTES -> bytes(scalar);
          case ENUM -> constant(scalar, field.getEnumType());
          case INT32, SINT32, SFIXED32 ->
              integer(
                      scalar,
                      BigInteger.valueOf(Integer.MIN_VALUE),
                      BigInteger.valueOf(Integer.MAX_VALUE))
                  .map(BigInteger::intValue);
          case UINT32, FIXED32 ->
              integer(scalar, BigInteger.ZERO, UINT32_MAX).map(BigInteger::intValue);
          case INT64, SINT64, SFIXED64 ->
              integer(
                      scalar,
                      BigInteger.valueOf(Long.MIN_VALUE),
                      BigInteger.valueOf(Long.MAX_VALUE))
                  .map(BigInteger::longValue);
          case UINT64, FIXED64 ->
              integer(scalar, BigInteger.ZERO, UINT64_MAX).map(BigInteger::longValue);
          case DOUBLE -> decimal(scalar).map(BigDecimal::doubleValue);
          case FLOAT -> decimal(scalar).map(BigDecimal::floatValue);
          case MESSAGE, GROUP ->
              throw new IllegalArgumentException(
                  field.getFullName() + ": a message (expected: a scalar)");
        };
    if (value.isEmpty()) {
      place.refuse(tree, expected(field) + hint(scalar, field));
    }
    return value.orElse(null);
  }

  private static String expected(FieldDescriptor field) {
    return switch (field.getType()) {
      case BOOL -> "true or false";
      case STRING -> "a string";
      case BYTES -> "base64";
      case ENUM ->
          "one of "
              + field.getEnumType().getValues().stream().map(EnumValueDescriptor::getName).toList();
      case INT32, SINT32, SFIXED32 -> "an integer of 32 bits";
      case UINT32, FIXED32 -> "an integer from 0 to 4294967295";
      case INT64, SINT64, SFIXED64 -> "an integer of 64 bits";
      case UINT64, FIXED64 -> "an integer from 0 to 18446744073709551615";
      case DOUBLE, FLOAT -> "a number";
      case MESSAGE, GROUP -> "a mapping";
    };
  }

  private static String hint(Tree.Scalar scalar, FieldDescriptor field) {
    if (field.getType() != FieldDescriptor.Type.ENUM) {
      return "";
    }
    List<String> names =
        field.getEnumType().getValues().stream().map(EnumValueDescriptor::getName).toList();
    return Names.hint(scalar.text(), names);
  }

  private static Optional<Boolean> bool(Tree.Scalar scalar) {
    return scalar.text().equals("true")
        ? Optional.of(true)
        : scalar.text().equals("false") ? Optional.of(false) : Optional.empty();
  }

  private static Optional<ByteString> bytes(Tree.Scalar scalar) {
    try {
      return Optional.of(
          ByteString.copyFrom(
              Base64.getDecoder().decode(scalar.text().replace('-', '+').replace('_', '/'))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<EnumValueDescriptor> constant(Tree.Scalar scalar, EnumDescriptor type) {
    if (scalar.kind() == Tree.Kind.NUMBER) {
      return integer(
              scalar, BigInteger.valueOf(Integer.MIN_VALUE), BigInteger.valueOf(Integer.MAX_VALUE))
          .map(number -> type.findValueByNumber(number.intValue()));
    }
    return Optional.ofNullable(type.findValueByName(scalar.text()));
  }

  private static Optional<BigInteger> integer(Tree.Scalar scalar, BigInteger min, BigInteger max) {
    return whole(scalar).filter(number -> number.compareTo(min) >= 0 && number.compareTo(max) <= 0);
  }

  /** Nearly all are plain digits, and the class of decimals takes 40 ms of a start to be loaded. */
  private static Optional<BigInteger> whole(Tree.Scalar scalar) {
    if (isDigits(scalar.text())) {
      return Optional.of(BigInteger.valueOf(Long.parseLong(scalar.text())));
    }
    return decimal(scalar)
        .filter(number -> Math.abs((long) number.scale()) <= MAX_NUMBER_LENGTH)
        .filter(number -> number.signum() == 0 || number.stripTrailingZeros().scale() <= 0)
        .map(BigDecimal::toBigInteger);
  }

  private static boolean isDigits(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_LONG_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static Optional<BigDecimal> decimal(Tree.Scalar scalar) {
    if (scalar.text().length() > MAX_NUMBER_LENGTH) {
      return Optional.empty();
    }
    try {
      return Optional.of(new BigDecimal(scalar.text()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
