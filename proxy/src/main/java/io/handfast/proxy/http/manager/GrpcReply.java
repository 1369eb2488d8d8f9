package io.handfast.proxy.http.manager;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.grpc.Grpc;
import io.handfast.proxy.http.grpc.GrpcCode;
import java.nio.charset.StandardCharsets;

/**
 * A reply of the proxy's own to a request of gRPC: trailers-only, for its client looks at nothing
 * else. Pure.
 */
final class GrpcReply {
  private GrpcReply() {}

  /** Whether a reply has to be one; a redirect stays what it is. */
  static boolean isFor(RequestHead request, LocalReply reply) {
    return (reply.status() < 300 || reply.status() >= 400) && request.isGrpc();
  }

  /** The head, which is the whole reply. */
  static ResponseHead of(LocalReply reply) {
    Headers headers = reply.headers();
    LocalReply.Grpc said = reply.grpc();
    GrpcCode code = said == null ? GrpcCode.ofHttp(reply.status()) : said.code();
    String message = said == null ? text(reply) : said.message();
    headers.set("content-type", Grpc.CONTENT_TYPE);
    headers.set(Grpc.STATUS, Integer.toString(code.number()));
    if (!message.isEmpty()) {
      headers.set(Grpc.MESSAGE, Grpc.encodeMessage(message));
    }
    if (said != null && !said.details().isEmpty()) {
      headers.set(Grpc.DETAILS, said.details());
    }
    return new ResponseHead(200, headers);
  }

  /** Trailers that say that the time is over, of a response whose head has gone. */
  static Headers deadlineExceeded() {
    Headers trailers = new Headers();
    trailers.add(Grpc.STATUS, Integer.toString(GrpcCode.DEADLINE_EXCEEDED.number()));
    trailers.add(Grpc.MESSAGE, "the response did not end in time");
    return trailers;
  }

  private static String text(LocalReply reply) {
    return reply.headers().getOr("content-type", "").startsWith("text/plain")
        ? new String(reply.body(), StandardCharsets.UTF_8)
        : "";
  }
}
