package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.HttpConnectionManagerConfig.ClientCertForwarding;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.http.tls.TlsInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code x-forwarded-client-cert}: what is told of the certificates that clients have shown, hop by
 * hop, in Envoy's form. Stateless.
 */
final class ForwardedClientCert {
  static final String HEADER = "x-forwarded-client-cert";

  private ForwardedClientCert() {}

  /** Keeps, removes or writes the header. */
  static void apply(Headers headers, @Nullable TlsInfo tls, ClientCertForwarding config) {
    CertificateInfo peer = tls == null ? null : tls.peer();
    switch (config.mode()) {
      case ALWAYS_FORWARD_ONLY -> {}
      case SANITIZE -> headers.remove(HEADER);
      case FORWARD_ONLY -> {
        if (peer == null) {
          headers.remove(HEADER);
        }
      }
      case APPEND_FORWARD, SANITIZE_SET -> {
        String before = headers.getJoined(HEADER);
        headers.remove(HEADER);
        if (tls != null && peer != null) {
          String element = element(tls, peer, config);
          boolean append =
              config.mode() == ClientCertForwarding.Mode.APPEND_FORWARD && before != null;
          headers.add(HEADER, append ? before + "," + element : element);
        }
      }
    }
  }

  private static String element(TlsInfo tls, CertificateInfo peer, ClientCertForwarding config) {
    List<String> pairs = new ArrayList<>();
    CertificateInfo local = tls.local();
    if (local != null) {
      local.uris().forEach(uri -> pairs.add("By=" + value(uri)));
    }
    pairs.add("Hash=" + peer.sha256());
    if (config.cert()) {
      pairs.add("Cert=\"" + encoded(peer.pem()) + "\"");
    }
    if (config.chain()) {
      pairs.add("Chain=\"" + encoded(peer.chainPem()) + "\"");
    }
    if (config.subject()) {
      pairs.add("Subject=" + quoted(peer.subject()));
    }
    if (config.uri()) {
      peer.uris().forEach(uri -> pairs.add("URI=" + value(uri)));
    }
    if (config.dns()) {
      peer.dnsNames().forEach(name -> pairs.add("DNS=" + value(name)));
    }
    return String.join(";", pairs);
  }

  /** Quoted where it would otherwise end the pair, or the element. */
  private static String value(String text) {
    boolean plain = text.chars().noneMatch(c -> c <= ' ' || c > '~' || ",;=\"\\".indexOf(c) >= 0);
    return plain ? text : quoted(text);
  }

  /** No character of a certificate may end the quotes, or the header. */
  private static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2).append('"');
    text.codePoints()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            out.append('\\').append((char) c);
          } else if (c >= ' ' && c <= '~') {
            out.append((char) c);
          } else {
            out.append(URLEncoder.encode(Character.toString(c), StandardCharsets.UTF_8));
          }
        });
    return out.append('"').toString();
  }

  /** Percent-encoding as of URLs: a space is no plus. */
  private static String encoded(String pem) {
    return URLEncoder.encode(pem, StandardCharsets.US_ASCII).replace("+", "%20");
  }
}
