package io.handfast.xds.resource;

import org.jspecify.annotations.Nullable;

/**
 * Where in a message something stands. Put together when somebody reads it: of most fields there is
 * nothing to say. Immutable.
 *
 * @param outer null for the message that is walked
 * @param name of the field, or the path of the message that is walked
 * @param index in a repeated field; -1: none
 */
record FieldPath(@Nullable FieldPath outer, String name, int index) {

  private static final int NONE = -1;

  /** Of the message that is walked; empty for the document. */
  static FieldPath of(String path) {
    return new FieldPath(null, path, NONE);
  }

  FieldPath field(String field) {
    return new FieldPath(this, field, NONE);
  }

  /** An element of this field. */
  FieldPath at(int element) {
    return new FieldPath(outer, name, element);
  }

  /** An entry of this field, which is a map. */
  FieldPath at(Object key) {
    return new FieldPath(outer, name + "[\"" + key + "\"]", NONE);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    appendTo(text);
    return text.toString();
  }

  private void appendTo(StringBuilder text) {
    if (outer != null) {
      outer.appendTo(text);
      if (!text.isEmpty()) {
        text.append('.');
      }
    }
    text.append(name);
    if (index != NONE) {
      text.append('[').append(index).append(']');
    }
  }
}
