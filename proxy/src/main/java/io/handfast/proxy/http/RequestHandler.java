package io.handfast.proxy.http;

/** What a downstream codec hands requests to; on the connection's event loop. */
public interface RequestHandler {
  /**
   * A request has begun. The handler may answer before it returns.
   *
   * @return takes the rest of the request
   */
  HttpStream.ServerEvents onRequest(HttpStream.Server stream, RequestHead head, boolean endStream);

  /**
   * A request was refused by the codec before it became a stream, and has been answered or reset.
   *
   * @param protocol of the connection
   * @param status what was answered; 0 if the stream was only reset (HTTP/2)
   * @param details a word for the access log
   */
  void onRefused(HttpProtocol protocol, int status, String details);
}
