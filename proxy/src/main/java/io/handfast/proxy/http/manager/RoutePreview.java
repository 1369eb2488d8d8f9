package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.StreamInfo;
import java.util.Optional;

/** What a connection manager does with the head of a request before it looks for a route. */
public final class RoutePreview {

  private RoutePreview() {}

  /**
   * Does it, to this head.
   *
   * @return the answer to a request that is not taken
   */
  public static Optional<LocalReply> prepare(
      RequestHead head, ConnectionInfo connection, HttpConnectionManagerConfig config) {
    StreamInfo info = new StreamInfo(connection, head.protocol(), 0, 0);
    return Optional.ofNullable(HeadPreparation.prepare(head, info, config, _ -> 0));
  }
}
