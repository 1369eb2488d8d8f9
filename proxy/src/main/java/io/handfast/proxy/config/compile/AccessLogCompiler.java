package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StderrAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.AccessLogConfig.Filter;
import io.handfast.proxy.config.AccessLogConfig.Format;
import io.handfast.proxy.config.AccessLogConfig.Sink;
import io.handfast.proxy.config.compile.accesslog.AccessLogFilters;
import io.handfast.proxy.config.extension.Scope;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.accesslog.v3.AccessLog}. */
final class AccessLogCompiler {

  private static final Format DEFAULT = new Format.Text(AccessLogConfig.DEFAULT_FORMAT);

  private AccessLogCompiler() {}

  static List<AccessLogConfig> compile(
      List<AccessLog> protos, Compilation compilation, Scope scope) {
    List<AccessLogConfig> logs = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      Scope here = scope.field("access_log", i);
      AccessLogConfig log = compile(protos.get(i), compilation, here.field("typed_config"));
      Filter filter =
          protos.get(i).hasFilter()
              ? AccessLogFilters.compile(protos.get(i).getFilter(), here.field("filter"))
              : null;
      if (log != null) {
        logs.add(new AccessLogConfig(log.sink(), log.format(), Optional.ofNullable(filter)));
      }
    }
    return logs;
  }

  private static @Nullable AccessLogConfig compile(
      AccessLog proto, Compilation compilation, Scope scope) {
    if (proto.getTypedConfig().equals(Any.getDefaultInstance())) {
      scope.error("missing (expected: the configuration of the access log)");
      return null;
    }
    Optional<Message> config = compilation.unpack(proto.getTypedConfig(), scope);
    if (config.isEmpty()) {
      return null;
    }
    return switch (config.get()) {
      case FileAccessLog file -> file(file, compilation, scope);
      case StdoutAccessLog stdout ->
          new AccessLogConfig(
              new Sink.Stdout(),
              format(stdout.hasLogFormat(), stdout.getLogFormat(), compilation, scope));
      case StderrAccessLog stderr ->
          new AccessLogConfig(
              new Sink.Stderr(),
              format(stderr.hasLogFormat(), stderr.getLogFormat(), compilation, scope));
      default -> {
        scope.error(
            config.get().getDescriptorForType().getFullName(),
            "a FileAccessLog, StdoutAccessLog or StderrAccessLog");
        yield null;
      }
    };
  }

  @SuppressWarnings("deprecation") // Envoy still reads `format`, and so do most files.
  private static @Nullable AccessLogConfig file(
      FileAccessLog proto, Compilation compilation, Scope scope) {
    Format format =
        proto.getAccessLogFormatCase() == FileAccessLog.AccessLogFormatCase.FORMAT
                && !proto.getFormat().isEmpty()
            ? text(proto.getFormat(), false, compilation, scope.field("format"))
            : format(proto.hasLogFormat(), proto.getLogFormat(), compilation, scope);
    return path(proto.getPath(), scope.field("path")) == null
        ? null
        : scope.build(() -> new AccessLogConfig(sink(proto.getPath()), format));
  }

  private static @Nullable Path path(String text, Scope scope) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      scope.error("'" + text + "'", "a path of this host");
      return null;
    }
  }

  private static Sink sink(String path) {
    return switch (path) {
      case "/dev/stdout" -> new Sink.Stdout();
      case "/dev/stderr" -> new Sink.Stderr();
      default -> new Sink.File(path);
    };
  }

  @SuppressWarnings("deprecation") // Envoy still reads `text_format`, and so do most files.
  private static Format format(
      boolean set, SubstitutionFormatString proto, Compilation compilation, Scope scope) {
    Scope here = scope.field("log_format");
    if (!set) {
      return DEFAULT;
    }
    return switch (proto.getFormatCase()) {
      case TEXT_FORMAT ->
          text(
              proto.getTextFormat(),
              proto.getOmitEmptyValues(),
              compilation,
              here.field("text_format"));
      case TEXT_FORMAT_SOURCE -> {
        Scope source = here.field("text_format_source");
        yield text(
            DataSources.text(proto.getTextFormatSource(), source),
            proto.getOmitEmptyValues(),
            compilation,
            source.field("inline_string"));
      }
      case JSON_FORMAT ->
          new Format.Json(
              json(proto.getJsonFormat(), compilation, here.field("json_format")),
              proto.getOmitEmptyValues());
      case FORMAT_NOT_SET -> DEFAULT;
    };
  }

  private static Format text(
      String format, boolean omitEmpty, Compilation compilation, Scope scope) {
    check(format, compilation, scope);
    return new Format.Text(format.isEmpty() ? AccessLogConfig.DEFAULT_FORMAT : format, omitEmpty);
  }

  private static void check(String format, Compilation compilation, Scope scope) {
    compilation.extensions().accessLogFormats().problem(format).ifPresent(scope::error);
  }

  private static Map<String, @Nullable Object> json(
      Struct struct, Compilation compilation, Scope scope) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    struct
        .getFieldsMap()
        .forEach((name, value) ->
            fields.put(name, json(value, compilation, scope.entry("fields", name))));
    return fields;
  }

  private static @Nullable Object json(Value value, Compilation compilation, Scope scope) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> {
        check(value.getStringValue(), compilation, scope);
        yield value.getStringValue();
      }
      case STRUCT_VALUE -> json(value.getStructValue(), compilation, scope);
      case LIST_VALUE -> {
        List<@Nullable Object> items = new ArrayList<>();
        for (int i = 0; i < value.getListValue().getValuesCount(); i++) {
          items.add(json(value.getListValue().getValues(i), compilation, scope.field("values", i)));
        }
        yield items;
      }
      case NUMBER_VALUE -> value.getNumberValue();
      case BOOL_VALUE -> value.getBoolValue();
      case NULL_VALUE, KIND_NOT_SET -> null;
    };
  }
}
