package io.handfast.proxy.tls;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Textual encoding of certificates and keys (RFC 7468). Stateless. */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  /**
   * One block.
   *
   * @param label such as {@code CERTIFICATE}
   * @param body what stands between its lines
   */
  record Block(String label, String body) {

    /**
     * Whether headers stand before the content, as in keys that OpenSSL encrypted in the old way.
     */
    boolean hasHeaders() {
      return body.indexOf(':') >= 0;
    }

    /**
     * What it encodes.
     *
     * @throws IllegalArgumentException if that is not Base64
     */
    byte[] content() {
      return Base64.getMimeDecoder().decode(body);
    }
  }

  private Pem() {}

  /** All blocks in order; what stands between them is comment. */
  static List<Block> parse(String text) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), matcher.group(2)));
    }
    return blocks;
  }
}
