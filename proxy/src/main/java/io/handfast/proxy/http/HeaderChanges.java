package io.handfast.proxy.http;

import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import java.util.List;

/** Does to header fields what a configuration says. */
public final class HeaderChanges {
  private HeaderChanges() {}

  /** Changes the fields of a request. */
  public static void ofRequest(Headers headers, HeaderMutations mutations) {
    apply(headers, mutations.requestRemove(), mutations.requestSet());
  }

  /** Changes the fields of a response. */
  public static void ofResponse(Headers headers, HeaderMutations mutations) {
    apply(headers, mutations.responseRemove(), mutations.responseSet());
  }

  private static void apply(Headers headers, List<String> remove, List<HeaderSet> set) {
    for (String name : remove) {
      headers.remove(name);
    }
    for (HeaderSet field : set) {
      boolean present = headers.contains(field.name());
      switch (field.ifPresent()) {
        case APPEND -> headers.add(field.name(), field.value());
        case KEEP -> {
          if (!present) {
            headers.add(field.name(), field.value());
          }
        }
        case OVERWRITE -> headers.set(field.name(), field.value());
        case OVERWRITE_ONLY -> {
          if (present) {
            headers.set(field.name(), field.value());
          }
        }
      }
    }
  }
}
