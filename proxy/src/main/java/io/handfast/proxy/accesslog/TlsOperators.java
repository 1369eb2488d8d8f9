package io.handfast.proxy.accesslog;

import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.http.tls.TlsInfo;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The operators that tell of the client's TLS; without a value on a plaintext connection. */
final class TlsOperators {

  private TlsOperators() {}

  /** Hands every operator over by its name. */
  static void register(BiConsumer<String, Operators.Factory> register) {
    BiConsumer<String, Operator.OfText> add =
        (name, operator) -> register.accept(name, Operators.withoutParameter(name, operator));
    add.accept("DOWNSTREAM_TLS_VERSION", ofTls(TlsInfo::version));
    add.accept("DOWNSTREAM_TLS_CIPHER", ofTls(TlsInfo::cipherSuite));
    add.accept("DOWNSTREAM_TLS_SESSION_ID", ofTls(TlsInfo::sessionId));
    certificate("DOWNSTREAM_PEER", TlsInfo::peer, add);
    certificate("DOWNSTREAM_LOCAL", TlsInfo::local, add);
    Function<TlsInfo, @Nullable CertificateInfo> peer = TlsInfo::peer;
    add.accept("DOWNSTREAM_PEER_ISSUER", of(peer, CertificateInfo::issuer));
    add.accept("DOWNSTREAM_PEER_SERIAL", of(peer, CertificateInfo::serial));
    add.accept("DOWNSTREAM_PEER_FINGERPRINT_256", of(peer, CertificateInfo::sha256));
    add.accept("DOWNSTREAM_PEER_FINGERPRINT_1", of(peer, CertificateInfo::sha1));
    add.accept(
        "DOWNSTREAM_PEER_CERT",
        of(peer, it -> URLEncoder.encode(it.pem(), StandardCharsets.US_ASCII)));
    time("DOWNSTREAM_PEER_CERT_V_START", CertificateInfo::validFrom, register);
    time("DOWNSTREAM_PEER_CERT_V_END", CertificateInfo::validTo, register);
  }

  private static void certificate(
      String prefix,
      Function<TlsInfo, @Nullable CertificateInfo> certificate,
      BiConsumer<String, Operator.OfText> add) {
    Map<String, Function<CertificateInfo, String>> names = new TreeMap<>();
    names.put("_SUBJECT", CertificateInfo::subject);
    names.put("_URI_SAN", it -> String.join(",", it.uris()));
    names.put("_DNS_SAN", it -> String.join(",", it.dnsNames()));
    names.put("_IP_SAN", it -> String.join(",", it.addresses()));
    names.put("_EMAIL_SAN", it -> String.join(",", it.emails()));
    names.forEach((suffix, value) -> add.accept(prefix + suffix, of(certificate, value)));
  }

  private static Operator.OfText ofTls(Function<TlsInfo, String> value) {
    return log -> {
      TlsInfo tls = log.info().connection().tls();
      return tls == null ? null : value.apply(tls);
    };
  }

  private static Operator.OfText of(
      Function<TlsInfo, @Nullable CertificateInfo> certificate,
      Function<CertificateInfo, String> value) {
    return log -> {
      TlsInfo tls = log.info().connection().tls();
      CertificateInfo shown = tls == null ? null : certificate.apply(tls);
      return shown == null ? null : value.apply(shown);
    };
  }

  private static void time(
      String name,
      Function<CertificateInfo, Instant> time,
      BiConsumer<String, Operators.Factory> register) {
    register.accept(
        name,
        parameter -> {
          TimeFormat format = TimeFormat.compile(parameter, TimeFormat.UTC);
          return of(TlsInfo::peer, it -> format.format(time.apply(it).toEpochMilli()));
        });
  }
}
