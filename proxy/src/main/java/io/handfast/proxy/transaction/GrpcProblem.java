package io.handfast.proxy.transaction;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.grpc.Grpc;
import io.handfast.proxy.http.grpc.GrpcCode;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A problem as a client of gRPC is told it: a code, the detail as the message, and a {@code
 * google.rpc.Status} with an {@code ErrorInfo}, written by hand, for the generated classes would
 * bring two more jars. Pure.
 */
final class GrpcProblem {
  private static final String DOMAIN = "handfast";
  private static final String ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private GrpcProblem() {}

  static LocalReply.Grpc of(Problem problem) {
    GrpcCode code = code(problem);
    return new LocalReply.Grpc(
        code, message(problem), Grpc.encodeBinary(status(code, problem).toByteArray()));
  }

  /** With the service in front: many clients look no further. */
  private static String message(Problem problem) {
    return problem.service() == null
        ? problem.detail()
        : problem.service() + ": " + problem.detail();
  }

  /** An outcome that is not known is none of those that a client may try again. */
  private static GrpcCode code(Problem problem) {
    return switch (problem.type()) {
      case "outcome-unknown", "heuristic-hazard" -> GrpcCode.UNKNOWN;
      case "streaming-not-allowed" -> GrpcCode.UNIMPLEMENTED;
      case "limit-reached", "request-too-large", "response-too-large", "answer-too-large" ->
          GrpcCode.RESOURCE_EXHAUSTED;
      default -> code(problem.status());
    };
  }

  private static GrpcCode code(int status) {
    return switch (status) {
      case 400 -> GrpcCode.INVALID_ARGUMENT;
      case 409 -> GrpcCode.ABORTED;
      case 500 -> GrpcCode.INTERNAL;
      case 504 -> GrpcCode.DEADLINE_EXCEEDED;
      default -> GrpcCode.ofHttp(status);
    };
  }

  private static ByteString status(GrpcCode code, Problem problem) {
    ByteString info = info(problem);
    ByteString any =
        message(out -> {
          out.writeString(1, ERROR_INFO);
          out.writeBytes(2, info);
        });
    return message(out -> {
      out.writeInt32(1, code.number());
      out.writeString(2, message(problem));
      out.writeBytes(3, any);
    });
  }

  private static ByteString info(Problem problem) {
    Map<String, String> metadata = new TreeMap<>();
    put(metadata, "branch", problem.branch());
    put(metadata, "service", problem.service());
    for (Field field : problem.headers()) {
      if (field.name().equals("tx-id") || field.name().equals("tx-outcome")) {
        put(metadata, field.name(), field.value());
      }
    }
    return message(out -> {
      out.writeString(1, problem.type().replace('-', '_').toUpperCase(Locale.ROOT));
      out.writeString(2, DOMAIN);
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        out.writeBytes(
            3,
            message(pair -> {
              pair.writeString(1, entry.getKey());
              pair.writeString(2, entry.getValue());
            }));
      }
    });
  }

  private static void put(Map<String, String> metadata, String name, @Nullable String value) {
    if (value != null) {
      metadata.put(name, value);
    }
  }

  private static ByteString message(Fields fields) {
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.writeTo(out);
      out.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException("writing bytes in memory failed", impossible);
    }
    return bytes.toByteString();
  }
}
