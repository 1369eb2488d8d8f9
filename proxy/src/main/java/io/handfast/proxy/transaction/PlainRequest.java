package io.handfast.proxy.transaction;

import io.handfast.proxy.http.RequestHead;

/**
 * Which requests may take part in a transaction: one request, one answer, an end that says what it
 * means.
 */
final class PlainRequest {
  private static final String GRPC_WEB = "application/grpc-web";

  private PlainRequest() {}

  /**
   * Whether it is none of those: an upgrade, CONNECT, or gRPC-Web, whose verdict is a part of the
   * body and is not read.
   */
  static boolean isOther(RequestHead head) {
    return head.method().equals("CONNECT")
        || head.upgrade() != null
        || head.headers()
            .getOr("content-type", "")
            .regionMatches(true, 0, GRPC_WEB, 0, GRPC_WEB.length());
  }
}
