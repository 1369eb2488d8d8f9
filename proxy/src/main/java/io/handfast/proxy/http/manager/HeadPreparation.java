package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.Forwarding;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.StreamInfo;
import java.net.InetSocketAddress;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is done to a request's head before anything looks at it: the path is normalised, the
 * client's address, scheme and request id are noted. Confined to the stream's event loop.
 */
final class HeadPreparation {
  private static final String REQUEST_ID = "x-request-id";
  private static final String FORWARDED_FOR = "x-forwarded-for";
  private static final String FORWARDED_PROTO = "x-forwarded-proto";

  private HeadPreparation() {}

  /** Prepares a head; what is returned is the answer to a request that cannot be taken. */
  static @Nullable LocalReply prepare(
      RequestHead head,
      StreamInfo info,
      HttpConnectionManagerConfig config,
      LongUnaryOperator random) {
    if (config.paths().normalizePath() || config.paths().mergeSlashes()) {
      String path = PathNormalizer.normalize(head.path(), config.paths());
      if (path == null) {
        return LocalReply.empty(400).details("path_normalization_failed");
      }
      head.path(path);
    }
    forwarding(head, info, config.forwarding(), random);
    return null;
  }

  private static void forwarding(
      RequestHead head, StreamInfo info, Forwarding forwarding, LongUnaryOperator random) {
    Headers headers = head.headers();
    if (forwarding.useRemoteAddress()
        && info.connection().remote() instanceof InetSocketAddress remote) {
      String before = headers.getJoined(FORWARDED_FOR);
      String client = remote.getAddress().getHostAddress();
      headers.set(FORWARDED_FOR, before == null ? client : before + "," + client);
      headers.set(FORWARDED_PROTO, head.scheme());
    } else if (!headers.contains(FORWARDED_PROTO)) {
      headers.add(FORWARDED_PROTO, head.scheme());
    }
    String id = headers.get(REQUEST_ID);
    boolean external = forwarding.useRemoteAddress();
    if (forwarding.generateRequestId()
        && (id == null || (external && !forwarding.preserveExternalRequestId()))) {
      id = randomId(random);
      headers.set(REQUEST_ID, id);
    }
    if (id != null) {
      info.requestId(id);
    }
  }

  /** A version 4 UUID; it need not be hard to guess, and the JDK's own generator takes a lock. */
  private static String randomId(LongUnaryOperator random) {
    long most = (bits(random) & ~0xf000L) | 0x4000L;
    long least = (bits(random) & ~(3L << 62)) | (1L << 63);
    return new UUID(most, least).toString();
  }

  private static long bits(LongUnaryOperator random) {
    return (random.applyAsLong(1L << 32) << 32) | random.applyAsLong(1L << 32);
  }
}
