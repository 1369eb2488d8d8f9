package io.handfast.proxy.tls;

import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsCertificate;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.tls.Pem.Block;
import io.handfast.xds.resource.ConfigErrors;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the certificates and keys of a context and checks that they can be used. Reads files, so
 * not for an event loop; confined to one call.
 */
final class MaterialLoader {
  private static final int MIN_RSA_BITS = 2048;
  private static final byte[] PROBE = "handfast".getBytes(StandardCharsets.US_ASCII);

  private final Instant now;
  private final MessageDigest digest;

  private MaterialLoader(Instant now) {
    this.now = now;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * The material; null if something is wrong, which is noted with its field and file.
   *
   * @param field the context's place in the configuration
   */
  static @Nullable TlsMaterial load(
      String field, TlsContextConfig config, Instant now, ConfigErrors errors) {
    return new MaterialLoader(now).load(new Scope(field, errors), config);
  }

  /** What is wrong with a secret is noted, under its place. */
  static void check(
      Scope secret,
      Optional<TlsCertificate> certificate,
      Optional<PeerValidation> validation,
      Instant now) {
    MaterialLoader loader = new MaterialLoader(now);
    certificate.ifPresent(it -> loader.identity(it, secret.field("tls_certificate")));
    loader.trusted(validation, secret.field("validation_context").field("trusted_ca"));
  }

  private @Nullable TlsMaterial load(Scope scope, TlsContextConfig config) {
    List<Identity> identities = new ArrayList<>();
    for (int i = 0; i < config.certificates().size(); i++) {
      Identity identity =
          identity(config.certificates().get(i), scope.field("tls_certificates", i));
      if (identity != null) {
        identities.add(identity);
      }
    }
    List<X509Certificate> trusted =
        trusted(config.validation(), scope.field("validation_context").field("trusted_ca"));
    return trusted != null && identities.size() == config.certificates().size()
        ? new TlsMaterial(identities, trusted, HexFormat.of().formatHex(digest.digest()))
        : null;
  }

  private @Nullable List<X509Certificate> trusted(
      Optional<PeerValidation> validation, Scope scope) {
    Optional<TlsSource> source = validation.flatMap(PeerValidation::trustedCa);
    return source.isEmpty() ? List.of() : chain(source.get(), scope);
  }

  private @Nullable Identity identity(TlsCertificate certificate, Scope scope) {
    Scope chainScope = scope.field("certificate_chain");
    List<X509Certificate> chain = chain(certificate.chain(), chainScope);
    if (chain == null) {
      return null;
    }
    Scope here = chainScope;
    try {
      checkUsable(chain.getFirst(), certificate.chain());
      String password = null;
      if (certificate.password().isPresent()) {
        here = scope.field("password");
        password = read(certificate.password().get()).strip();
      }
      here = scope.field("private_key");
      PrivateKey key = key(certificate.privateKey(), password, chain.getFirst().getPublicKey());
      return new Identity(key, chain, new CertificateInfo(chain).dnsNames());
    } catch (TlsMaterialException e) {
      here.error(e.text());
      return null;
    }
  }

  private @Nullable List<X509Certificate> chain(TlsSource source, Scope scope) {
    try {
      List<X509Certificate> chain = certificates(read(source), source);
      if (chain.isEmpty()) {
        throw new TlsMaterialException(
            source.title() + ": no certificate", "at least one in PEM: BEGIN CERTIFICATE");
      }
      return chain;
    } catch (TlsMaterialException e) {
      scope.error(e.text());
      return null;
    }
  }

  private String read(TlsSource source) throws TlsMaterialException {
    String text = Sources.read(source);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update((byte) (bytes.length >> 16));
    digest.update((byte) (bytes.length >> 8));
    digest.update((byte) bytes.length);
    digest.update(bytes);
    return text;
  }

  private static List<X509Certificate> certificates(String text, TlsSource source)
      throws TlsMaterialException {
    List<X509Certificate> chain = new ArrayList<>();
    for (Block block : Pem.parse(text)) {
      if (block.label().endsWith("CERTIFICATE")) {
        try {
          chain.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(block.content())));
        } catch (CertificateException | IllegalArgumentException e) {
          throw new TlsMaterialException(
              source.title() + ": certificate " + (chain.size() + 1) + " cannot be read",
              "X.509 in PEM");
        }
      }
    }
    return chain;
  }

  private void checkUsable(X509Certificate leaf, TlsSource source) throws TlsMaterialException {
    Instant from = leaf.getNotBefore().toInstant();
    Instant to = leaf.getNotAfter().toInstant();
    if (now.isAfter(to)) {
      throw new TlsMaterialException(
          source.title() + ": expired at " + to, "a certificate that is valid now");
    }
    if (now.isBefore(from)) {
      throw new TlsMaterialException(
          source.title() + ": valid from " + from + " on", "a certificate that is valid now");
    }
    PublicKey key = leaf.getPublicKey();
    if (!key.getAlgorithm().equals("RSA") && !key.getAlgorithm().equals("EC")) {
      throw new TlsMaterialException(
          source.title() + ": key of kind " + key.getAlgorithm(), "RSA or EC");
    }
    if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
      throw new TlsMaterialException(
          source.title() + ": RSA with " + rsa.getModulus().bitLength() + " bits",
          "at least " + MIN_RSA_BITS);
    }
  }

  private PrivateKey key(TlsSource source, @Nullable String password, PublicKey publicKey)
      throws TlsMaterialException {
    List<Block> blocks = Pem.parse(read(source));
    PrivateKey key = PrivateKeys.parse(blocks, source.title(), password, publicKey);
    if (!belongTogether(key, publicKey)) {
      throw new TlsMaterialException(
          source.title() + ": not the key of the certificate",
          "the private key that certificate_chain was issued for");
    }
    return key;
  }

  private static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
    String algorithm = publicKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(PROBE);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(PROBE);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // keys of different curves
    }
  }
}
