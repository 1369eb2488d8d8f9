package io.handfast.proxy.transaction;

import io.handfast.proxy.http.RequestHead;

/** Which requests may take part in a transaction: one request, one answer, a status that tells. */
final class PlainRequest {
  private static final String GRPC = "application/grpc";

  private PlainRequest() {}

  /**
   * Whether it is none of those: an upgrade, CONNECT, or gRPC, whose verdict is in its trailers and
   * is not read yet.
   */
  static boolean isOther(RequestHead head) {
    return head.method().equals("CONNECT")
        || head.upgrade() != null
        || isGrpc(head.headers().getOr("content-type", ""));
  }

  private static boolean isGrpc(String contentType) {
    return contentType.regionMatches(true, 0, GRPC, 0, GRPC.length());
  }
}
