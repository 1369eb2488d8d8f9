package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.handfast.proxy.config.extension.Scope;

/**
 * {@code envoy.config.core.v3.DataSource}, as far as the text stands in the configuration itself.
 */
final class DataSources {

  private DataSources() {}

  static String text(DataSource proto, Scope scope) {
    return switch (proto.getSpecifierCase()) {
      case INLINE_STRING -> proto.getInlineString();
      case INLINE_BYTES -> {
        if (!proto.getInlineBytes().isValidUtf8()) {
          scope.field("inline_bytes").error("not UTF-8 (expected: text in UTF-8)");
        }
        yield proto.getInlineBytes().toStringUtf8();
      }
      case FILENAME, ENVIRONMENT_VARIABLE -> {
        scope.error("is not supported here (expected: inline_string or inline_bytes)");
        yield "";
      }
      case SPECIFIER_NOT_SET -> "";
    };
  }
}
