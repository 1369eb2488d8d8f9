package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import io.handfast.proxy.config.HeaderMutations.IfPresent;
import io.handfast.proxy.config.extension.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code request_headers_to_add} and its three sisters. */
final class HeaderMutationsCompiler {

  /** RFC 9110 §5.6.2. */
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x{80}-\\x{10ffff}]*");

  private HeaderMutationsCompiler() {}

  static HeaderMutations compile(
      List<HeaderValueOption> requestAdd,
      List<String> requestRemove,
      List<HeaderValueOption> responseAdd,
      List<String> responseRemove,
      Compilation compilation,
      Scope scope) {
    return new HeaderMutations(
        remove(requestRemove, "request_headers_to_remove", scope),
        add(requestAdd, "request_headers_to_add", compilation, scope),
        remove(responseRemove, "response_headers_to_remove", scope),
        add(responseAdd, "response_headers_to_add", compilation, scope));
  }

  private static List<String> remove(List<String> names, String field, Scope scope) {
    List<String> removed = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (checkName(names.get(i), scope.field(field, i))) {
        removed.add(names.get(i).toLowerCase(Locale.ROOT));
      }
    }
    return removed;
  }

  private static List<HeaderSet> add(
      List<HeaderValueOption> protos, String field, Compilation compilation, Scope scope) {
    List<HeaderSet> added = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      HeaderValueOption proto = protos.get(i);
      Scope here = scope.field(field, i).field("header");
      String name = proto.getHeader().getKey();
      String value = proto.getHeader().getValue();
      if (!checkName(name, here.field("key"))
          || !checkValue(value, compilation, here.field("value"))) {
        continue;
      }
      if (!value.isEmpty() || proto.getKeepEmptyValue()) {
        added.add(
            new HeaderSet(
                name.toLowerCase(Locale.ROOT), value, ifPresent(proto), proto.getKeepEmptyValue()));
      }
    }
    return added;
  }

  private static boolean checkName(String name, Scope scope) {
    if (name.startsWith(":") || name.equalsIgnoreCase("host")) {
      scope.error(
          name,
          "a header that a route may change; for the host use host_rewrite_literal, for the path prefix_rewrite");
      return false;
    }
    if (!TOKEN.matcher(name).matches()) {
      scope.error("'" + name + "'", "a header name");
      return false;
    }
    return true;
  }

  private static boolean checkValue(String value, Compilation compilation, Scope scope) {
    if (!VALUE.matcher(value).matches()) {
      scope.error("a control character in it", "none");
      return false;
    }
    Optional<String> problem = compilation.extensions().accessLogFormats().problem(value);
    problem.ifPresent(scope::error);
    return problem.isEmpty();
  }

  @SuppressWarnings("deprecation") // Envoy still reads `append`, and so do most files.
  private static IfPresent ifPresent(HeaderValueOption proto) {
    if (proto.hasAppend()) {
      return proto.getAppend().getValue() ? IfPresent.APPEND : IfPresent.OVERWRITE;
    }
    return switch (proto.getAppendAction()) {
      case ADD_IF_ABSENT -> IfPresent.KEEP;
      case OVERWRITE_IF_EXISTS_OR_ADD -> IfPresent.OVERWRITE;
      case OVERWRITE_IF_EXISTS -> IfPresent.OVERWRITE_ONLY;
      case APPEND_IF_EXISTS_OR_ADD, UNRECOGNIZED -> IfPresent.APPEND;
    };
  }
}
