package io.handfast.proxy.transaction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.handfast.proxy.http.LocalReply;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.Problem;

/** A problem as an answer: RFC 9457 {@code application/problem+json}; to gRPC a status. */
final class ProblemReply {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TYPE = "urn:handfast:problem:";

  private ProblemReply() {}

  static LocalReply of(Problem problem) {
    ObjectNode document =
        JSON.createObjectNode()
            .put("type", TYPE + problem.type())
            .put("title", problem.title())
            .put("status", problem.status())
            .put("detail", problem.detail());
    if (problem.branch() != null) {
      document.put("branch", problem.branch());
    }
    if (problem.service() != null) {
      document.put("service", problem.service());
    }
    LocalReply reply =
        LocalReply.of(problem.status(), "application/problem+json", bytes(document))
            .details("transaction_" + problem.type().replace('-', '_'))
            .grpc(GrpcProblem.of(problem));
    for (Field field : problem.headers()) {
      reply.header(field.name(), field.value());
    }
    return reply;
  }

  private static byte[] bytes(ObjectNode document) {
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }
}
