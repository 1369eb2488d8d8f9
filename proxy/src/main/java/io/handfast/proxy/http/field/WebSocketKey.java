package io.handfast.proxy.http.field;

import io.handfast.proxy.http.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The key of a WebSocket handshake and the answer to it (RFC 6455 section 4.2.2), which HTTP/2 does
 * without (RFC 8441 section 5). Pure.
 */
public final class WebSocketKey {
  /** Where the client's key stands. */
  public static final String FIELD = "sec-websocket-key";

  /** Where the answer stands. */
  public static final String ACCEPT = "sec-websocket-accept";

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketKey() {}

  /** A key of those 128 bits. */
  public static String of(long most, long least) {
    byte[] nonce = new byte[16];
    for (int i = 0; i < 8; i++) {
      nonce[i] = (byte) (most >>> (8 * i));
      nonce[8 + i] = (byte) (least >>> (8 * i));
    }
    return Base64.getEncoder().encodeToString(nonce);
  }

  /** Adds the answer to a key, unless there is one. */
  public static void accept(Headers headers, String key) {
    if (!headers.contains(ACCEPT)) {
      headers.add(ACCEPT, answer(key));
    }
  }

  private static String answer(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      return Base64.getEncoder()
          .encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
    } catch (NoSuchAlgorithmException everyPlatformHasIt) {
      throw new IllegalStateException(everyPlatformHasIt);
    }
  }
}
