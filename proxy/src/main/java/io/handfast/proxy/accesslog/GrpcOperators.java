package io.handfast.proxy.accesslog;

import io.handfast.proxy.http.grpc.Grpc;
import io.handfast.proxy.http.grpc.GrpcCode;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The operators that tell how a call of gRPC ended; without a value for other requests. */
final class GrpcOperators {
  private static final String NAME = "GRPC_STATUS";

  private GrpcOperators() {}

  /** Hands every operator over by its name. */
  static void register(BiConsumer<String, Operators.Factory> add) {
    add.accept(NAME, GrpcOperators::create);
    add.accept("GRPC_STATUS_NUMBER", Operators.withoutParameter("GRPC_STATUS_NUMBER", number()));
  }

  private static Operator create(@Nullable String parameter) {
    return switch (Operators.word(NAME, parameter, "CAMEL_STRING", "SNAKE_STRING", "NUMBER")) {
      case "CAMEL_STRING" -> text(GrpcOperators::camel);
      case "SNAKE_STRING" -> text(GrpcOperators::snake);
      case String _ -> number();
    };
  }

  private interface Words {
    String of(GrpcCode code);
  }

  private static Operator text(Words words) {
    return (Operator.OfText)
        log -> {
          String field = isCall(log) ? field(log) : null;
          if (field == null) {
            return isCall(log) ? words.of(GrpcCode.ofHttp(log.info().status())) : null;
          }
          GrpcCode code = GrpcCode.parse(field);
          return code == null ? field : words.of(code);
        };
  }

  private static Operator number() {
    return (Operator.OfNumber) log -> isCall(log) ? status(log) : Operator.OfNumber.NONE;
  }

  private static boolean isCall(LogRecord log) {
    return log.request() != null && log.request().isGrpc();
  }

  /** What the trailers say, else the head, else what the status of HTTP is to a client of gRPC. */
  static long status(LogRecord log) {
    String field = field(log);
    GrpcCode code = field == null ? GrpcCode.ofHttp(log.info().status()) : GrpcCode.parse(field);
    return code == null ? Operator.OfNumber.NONE : code.number();
  }

  private static @Nullable String field(LogRecord log) {
    String trailer = log.trailer(Grpc.STATUS);
    return trailer != null ? trailer : log.responseHeader(Grpc.STATUS);
  }

  /** Envoy spells two of them in its own way. */
  private static String camel(GrpcCode code) {
    return switch (code) {
      case OK -> "OK";
      case CANCELLED -> "Canceled";
      case GrpcCode other -> {
        StringBuilder text = new StringBuilder();
        for (String word : other.name().split("_", -1)) {
          text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        yield text.toString();
      }
    };
  }

  private static String snake(GrpcCode code) {
    return code.name();
  }
}
