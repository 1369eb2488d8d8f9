package io.handfast.xds.text;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Untyped protobuf values as trees, so that a typed message can be made of them. Pure functions.
 */
public final class Trees {

  private Trees() {}

  /** The struct as a mapping. */
  public static Tree of(Struct struct) {
    List<Tree.Entry> entries = new ArrayList<>(struct.getFieldsCount());
    struct.getFieldsMap().forEach((name, value) -> entries.add(new Tree.Entry(name, of(value))));
    return new Tree.Mapping(entries);
  }

  private static Tree of(Value value) {
    return switch (value.getKindCase()) {
      case STRUCT_VALUE -> of(value.getStructValue());
      case LIST_VALUE ->
          new Tree.Sequence(value.getListValue().getValuesList().stream().map(Trees::of).toList());
      case STRING_VALUE -> new Tree.Scalar(Tree.Kind.STRING, value.getStringValue());
      case NUMBER_VALUE -> number(value.getNumberValue());
      case BOOL_VALUE -> new Tree.Scalar(Tree.Kind.BOOLEAN, String.valueOf(value.getBoolValue()));
      case NULL_VALUE, KIND_NOT_SET -> new Tree.Scalar(Tree.Kind.NULL, "null");
    };
  }

  private static Tree number(double number) {
    return Double.isFinite(number)
        ? new Tree.Scalar(
            Tree.Kind.NUMBER, BigDecimal.valueOf(number).stripTrailingZeros().toPlainString())
        : new Tree.Scalar(Tree.Kind.STRING, String.valueOf(number));
  }
}
