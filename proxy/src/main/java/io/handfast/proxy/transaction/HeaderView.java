package io.handfast.proxy.transaction;

import io.handfast.proxy.http.Headers;
import io.handfast.tx.context.OwnHeader;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.Fields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Headers as the interceptor reads them: a copy, for the data path goes on changing its own; or
 * lent, for as long as a call lasts.
 */
final class HeaderView implements Fields {
  private final Headers headers;

  private HeaderView(Headers headers) {
    this.headers = headers;
  }

  static HeaderView of(Headers headers) {
    return new HeaderView(headers.copy());
  }

  /** No copy: to be read before anything is changed. */
  static HeaderView lent(Headers headers) {
    return new HeaderView(headers);
  }

  @Override
  public List<String> values(String name) {
    return headers.getAll(name);
  }

  @Override
  public @Nullable String first(String name) {
    return headers.get(name);
  }

  /** All fields, in order. */
  static List<Field> fields(Headers headers) {
    List<Field> fields = new ArrayList<>(headers.size());
    for (int i = 0; i < headers.size(); i++) {
      fields.add(new Field(headers.name(i), headers.value(i)));
    }
    return fields;
  }

  /** The same as a head or trailers have them. */
  static Headers headers(List<Field> fields) {
    Headers headers = new Headers();
    fields.forEach(field -> headers.add(field.name(), field.value()));
    return headers;
  }

  /** Takes the mesh's own headers off, in any spelling (T6, T7). */
  static void strip(Headers headers) {
    for (int i = headers.size() - 1; i >= 0; i--) {
      // Nearly all of them begin otherwise, and their names are not asked for.
      if (headers.initial(i) == 't' && OwnHeader.of(headers.name(i)) != null) {
        headers.removeAt(i);
      }
    }
  }

  /** Replaces headers; an empty value removes. */
  static void set(Headers headers, List<Field> fields) {
    for (Field field : fields) {
      if (field.value().isEmpty()) {
        headers.remove(field.name());
      } else {
        headers.set(field.name(), field.value());
      }
    }
  }
}
