package io.handfast.proxy.http;

import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import io.handfast.proxy.config.HeaderMutations.IfPresent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a configuration changes in heads, its values ready to be written. Immutable. */
public final class HeaderChanges {
  public static final HeaderChanges NONE =
      new HeaderChanges(List.of(), List.of(), List.of(), List.of());

  private final List<String> requestRemove;
  private final List<Addition> requestAdd;
  private final List<String> responseRemove;
  private final List<Addition> responseAdd;

  private HeaderChanges(
      List<String> requestRemove,
      List<Addition> requestAdd,
      List<String> responseRemove,
      List<Addition> responseAdd) {
    this.requestRemove = requestRemove;
    this.requestAdd = requestAdd;
    this.responseRemove = responseRemove;
    this.responseAdd = responseAdd;
  }

  private record Addition(
      String name, HeaderFormat format, IfPresent ifPresent, boolean keepEmpty) {}

  /** Compiles the values of a configuration. */
  public static HeaderChanges of(HeaderMutations mutations, HeaderFormat.Compiler compiler) {
    if (mutations.isEmpty()) {
      return NONE;
    }
    return new HeaderChanges(
        mutations.requestRemove(),
        additions(mutations.requestSet(), compiler),
        mutations.responseRemove(),
        additions(mutations.responseSet(), compiler));
  }

  private static List<Addition> additions(List<HeaderSet> sets, HeaderFormat.Compiler compiler) {
    return sets.stream()
        .map(set ->
            new Addition(
                set.name(), compiler.compile(set.value()), set.ifPresent(), set.keepEmpty()))
        .toList();
  }

  /** Changes the fields of a request. */
  public void ofRequest(RequestHead request, StreamInfo info) {
    apply(request.headers(), requestRemove, requestAdd, info, request, null);
  }

  /** Changes the fields of a response. */
  public void ofResponse(ResponseHead response, RequestHead request, StreamInfo info) {
    apply(response.headers(), responseRemove, responseAdd, info, request, response);
  }

  private static void apply(
      Headers headers,
      List<String> remove,
      List<Addition> add,
      StreamInfo info,
      RequestHead request,
      @Nullable ResponseHead response) {
    for (String name : remove) {
      headers.remove(name);
    }
    for (Addition addition : add) {
      String value = addition.format().value(info, request, response);
      if (!value.isEmpty() || addition.keepEmpty()) {
        add(headers, addition, value);
      }
    }
  }

  private static void add(Headers headers, Addition addition, String value) {
    boolean present = headers.contains(addition.name());
    switch (addition.ifPresent()) {
      case APPEND -> headers.add(addition.name(), value);
      case KEEP -> {
        if (!present) {
          headers.add(addition.name(), value);
        }
      }
      case OVERWRITE -> headers.set(addition.name(), value);
      case OVERWRITE_ONLY -> {
        if (present) {
          headers.set(addition.name(), value);
        }
      }
    }
  }
}
