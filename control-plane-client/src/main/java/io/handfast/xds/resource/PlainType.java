package io.handfast.xds.resource;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@link PlainScan} has to know of a type of message. Immutable. */
final class PlainType {

  /** Fields with greater numbers are not known here, so that what has one is walked. */
  private static final int MAX_NUMBER = 1023;

  /** Of messages that are walked, or never looked into. */
  static final PlainType NONE = new PlainType(new PlainField[0], new int[0], new int[0]);

  private static final FieldRule HONOURED = new FieldRule(FieldRule.Status.HONOURED, List.of(), "");

  private final @Nullable PlainField[] byNumber;
  private final PlainField[] fields;
  private final PlainField[] counted;
  private final int[] wanted;
  private final int[] wantedOneofs;

  private PlainType(PlainField[] fields, int[] wanted, int[] wantedOneofs) {
    int last = 0;
    for (PlainField each : fields) {
      last = Math.max(last, each.field().getNumber());
    }
    this.byNumber = new PlainField[Math.min(last, MAX_NUMBER) + 1];
    for (PlainField each : fields) {
      if (each.field().getNumber() <= MAX_NUMBER && canBeRead(each.field())) {
        byNumber[each.field().getNumber()] = each;
      }
    }
    this.fields = fields;
    this.counted =
        Arrays.stream(fields).filter(each -> each.items() != null).toArray(PlainField[]::new);
    this.wanted = wanted;
    this.wantedOneofs = wantedOneofs;
  }

  /** Others are of older forms of messages. */
  private static boolean canBeRead(FieldDescriptor field) {
    return field.getType() != FieldDescriptor.Type.GROUP
        && !(field.getType() == FieldDescriptor.Type.ENUM
            && field.legacyEnumFieldTreatedAsClosed());
  }

  /**
   * Of messages that the table knows.
   *
   * @param rule what is done with each field
   * @param required the oneofs of which one member must be set
   */
  static PlainType of(
      Descriptor type, Function<FieldDescriptor, FieldRule> rule, List<OneofDescriptor> required) {
    PlainField[] fields = new PlainField[type.getFields().size()];
    for (int i = 0; i < fields.length; i++) {
      FieldDescriptor field = type.getFields().get(i);
      fields[i] = PlainField.of(field, i, rule.apply(field));
    }
    int[] wanted =
        Arrays.stream(fields)
            .filter(each -> each.isWanted() || each.field().isRequired())
            .mapToInt(PlainField::index)
            .toArray();
    return new PlainType(
        fields, wanted, required.stream().mapToInt(OneofDescriptor::getIndex).toArray());
  }

  /** Of the entries of a map: what is in one that has no value has to be looked at. */
  static PlainType ofEntry(Descriptor entry) {
    PlainField[] fields = {
      PlainField.of(entry.findFieldByNumber(1), 0, HONOURED),
      PlainField.of(entry.findFieldByNumber(2), 1, HONOURED)
    };
    boolean message = fields[1].field().getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    return new PlainType(fields, message ? new int[] {1} : new int[0], new int[0]);
  }

  /** The field with that number; null if there is none. */
  @Nullable PlainField field(int number) {
    return number < byNumber.length ? byNumber[number] : null;
  }

  /** What has been seen of a message. */
  Seen seen() {
    return new Seen();
  }

  /** Confined to its scan. */
  final class Seen {
    private final int[] counts = new int[fields.length];
    private long oneofs;

    /** Whether another value of it is no second one of what has one. */
    boolean add(PlainField field) {
      if (++counts[field.index()] > 1 && !field.field().isRepeated()) {
        return false;
      }
      if (field.oneof() >= 0) {
        long bit = 1L << field.oneof();
        boolean other = (oneofs & bit) != 0;
        oneofs |= bit;
        return !other;
      }
      return true;
    }

    /** Whether nothing is missing, and of nothing there is too little or too much. */
    boolean isWhole() {
      for (int each : wanted) {
        if (counts[each] == 0) {
          return false;
        }
      }
      for (int each : wantedOneofs) {
        if ((oneofs & 1L << each) == 0) {
          return false;
        }
      }
      for (PlainField each : counted) {
        PlainField.Items items = each.items();
        if (items != null && !items.has(counts[each.index()])) {
          return false;
        }
      }
      return true;
    }
  }
}
