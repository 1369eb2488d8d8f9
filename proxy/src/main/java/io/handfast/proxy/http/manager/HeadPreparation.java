package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.EscapedSlashes;
import io.handfast.proxy.config.HttpConnectionManagerConfig.Forwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HostOptions;
import io.handfast.proxy.config.HttpConnectionManagerConfig.PathOptions;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.field.WebSocketKey;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Arrays;
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

  /** How many of our proxies a request has passed. */
  private static final String HOPS = "x-handfast-hops";

  /** Beyond any chain of calls; each call passes two proxies. */
  static final int MAX_HOPS = 64;

  private static final String[] HOP_NUMBERS = new String[MAX_HOPS + 1];

  static {
    Arrays.setAll(HOP_NUMBERS, Integer::toString);
  }

  private HeadPreparation() {}

  /** Prepares a head; what is returned is the answer to a request that cannot be taken. */
  static @Nullable LocalReply prepare(
      RequestHead head,
      StreamInfo info,
      HttpConnectionManagerConfig config,
      LongUnaryOperator random) {
    if (info.connection().tls() != null) {
      head.scheme("https");
    }
    host(head, info, config.hosts());
    LocalReply refusal = path(head, config.paths());
    if (refusal == null) {
      refusal = countHop(head.headers());
    }
    if (refusal != null) {
      return refusal;
    }
    forwarding(head, info, config.forwarding(), random);
    if (head.protocol() == HttpProtocol.HTTP_2
        && "websocket".equalsIgnoreCase(head.upgrade())
        && !head.headers().contains(WebSocketKey.FIELD)) {
      // HTTP/2 has none (RFC 8441 section 5), a service with HTTP/1.1 insists on it.
      head.headers().add(WebSocketKey.FIELD, WebSocketKey.of(bits(random), bits(random)));
    }
    ForwardedClientCert.apply(
        head.headers(), info.connection().tls(), config.forwarding().clientCert());
    return null;
  }

  private static void host(RequestHead head, StreamInfo info, HostOptions options) {
    if (head.tunnel() != Tunnel.CONNECT
        && !options.equals(HostOptions.DEFAULTS)
        && info.connection().local() instanceof InetSocketAddress local) {
      head.authority(HostNormalizer.normalize(head.authority(), options, local.getPort()));
    }
  }

  private static @Nullable LocalReply path(RequestHead head, PathOptions options) {
    if (options.equals(PathOptions.DEFAULTS)) {
      return null;
    }
    boolean redirect =
        options.escapedSlashes() == EscapedSlashes.UNESCAPE_AND_REDIRECT
            && PathNormalizer.hasEscapedSlash(head.path());
    String path = PathNormalizer.normalize(head.path(), options);
    if (path == null) {
      return LocalReply.empty(400).details("path_normalization_failed");
    }
    head.path(path);
    return redirect
        ? LocalReply.empty(307).header("location", path).details("path_normalization_redirect")
        : null;
  }

  /**
   * A request that comes by again and again is in a loop. The service beside us may copy the field
   * to its own calls, so a long chain of calls counts as well.
   */
  private static @Nullable LocalReply countHop(Headers headers) {
    String before = headers.get(HOPS);
    int hops = before == null ? 0 : hops(before);
    if (hops >= MAX_HOPS) {
      return LocalReply.text(508, HOPS + ": " + hops + " (expected: less than " + MAX_HOPS + ")")
          .details("loop_detected");
    }
    headers.set(HOPS, HOP_NUMBERS[hops + 1]);
    return null;
  }

  /** What is no number was written by none of us: the count begins anew. */
  private static int hops(String text) {
    if (text.isEmpty() || text.length() > 4) {
      return 0;
    }
    int hops = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      hops = hops * 10 + digit;
    }
    return hops;
  }

  private static void forwarding(
      RequestHead head, StreamInfo info, Forwarding forwarding, LongUnaryOperator random) {
    Headers headers = head.headers();
    String before = headers.getJoined(FORWARDED_FOR);
    int skipped =
        forwarding.useRemoteAddress() ? forwarding.trustedHops() - 1 : forwarding.trustedHops();
    if (before != null && skipped >= 0) {
      info.forwardedFor(before, skipped);
    }
    if (forwarding.useRemoteAddress()
        && info.connection().remote() instanceof InetSocketAddress remote) {
      String client = NetUtil.toAddressString(remote.getAddress());
      headers.set(FORWARDED_FOR, before == null ? client : before + "," + client);
      if (forwarding.trustedHops() == 0 || !headers.contains(FORWARDED_PROTO)) {
        headers.set(FORWARDED_PROTO, head.scheme());
      }
    } else if (!headers.contains(FORWARDED_PROTO)) {
      headers.add(FORWARDED_PROTO, head.scheme());
    }
    String said = headers.get(FORWARDED_PROTO);
    if (said != null && (said.equals("https") || said.equals("http"))) {
      head.scheme(said); // of the client before the proxies between
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
