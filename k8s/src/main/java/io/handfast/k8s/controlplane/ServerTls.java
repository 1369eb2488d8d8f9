package io.handfast.k8s.controlplane;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What a control plane proves itself by, and whom it trusts: files that are read again when they
 * change. What cannot be used is told by its file, once: later a file that cannot be used leaves
 * what was there before.
 */
final class ServerTls {

  /** How often files are looked at. */
  private static final long CERTIFICATE_SECONDS = 10;

  private static final byte[] PROBE = "handfast".getBytes(StandardCharsets.US_ASCII);

  private ServerTls() {}

  /** Makes something of a file. */
  private interface Parser<T> {
    T parse(InputStream in) throws IOException, GeneralSecurityException;
  }

  /**
   * Reads them.
   *
   * @param background looks at the files
   * @throws IOException with what is wrong with which of them
   */
  static ServerCredentials credentials(ServerSettings.Tls tls, ScheduledExecutorService background)
      throws IOException {
    X509Certificate leaf = certificates("certificate", tls.certificate())[0];
    PrivateKey key =
        read("private key", tls.privateKey(), "a key in PEM", CertificateUtils::getPrivateKey);
    if (!belongTogether(key, leaf.getPublicKey())) {
      throw unusable(
          "private key", tls.privateKey(), "not the key of the certificate", "the key of its leaf");
    }
    try {
      AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
      keys.updateIdentityCredentials(
          tls.certificate().toFile(),
          tls.privateKey().toFile(),
          CERTIFICATE_SECONDS,
          TimeUnit.SECONDS,
          background);
      TlsServerCredentials.Builder credentials = TlsServerCredentials.newBuilder().keyManager(keys);
      if (tls.clientCa().isPresent()) {
        credentials
            .trustManager(trust(tls.clientCa().get(), background))
            .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
      }
      return credentials.build();
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS: " + e.getMessage() + " (expected: PEM that can be used)", e);
    }
  }

  private static AdvancedTlsX509TrustManager trust(
      Path clientCa, ScheduledExecutorService background)
      throws IOException, GeneralSecurityException {
    certificates("client CA", clientCa);
    AdvancedTlsX509TrustManager trust =
        AdvancedTlsX509TrustManager.newBuilder()
            .setVerification(AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
            .build();
    trust.updateTrustCredentials(
        clientCa.toFile(), CERTIFICATE_SECONDS, TimeUnit.SECONDS, background);
    return trust;
  }

  /** At least one. */
  private static X509Certificate[] certificates(String what, Path file) throws IOException {
    X509Certificate[] certificates =
        read(what, file, "certificates in PEM", CertificateUtils::getX509Certificates);
    if (certificates.length == 0) {
      throw unusable(what, file, "empty", "certificates in PEM");
    }
    return certificates;
  }

  private static <T> T read(String what, Path file, String expected, Parser<T> parser)
      throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return parser.parse(in);
    } catch (NoSuchFileException e) {
      throw unusable(what, file, "no such file", expected);
    } catch (IOException e) {
      throw unusable(what, file, "cannot be read: " + e.getMessage(), expected);
    } catch (GeneralSecurityException e) {
      throw unusable(what, file, "cannot be used: " + e.getMessage(), expected);
    }
  }

  private static boolean belongTogether(PrivateKey key, PublicKey publicKey) {
    String algorithm = publicKey.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(PROBE);
      byte[] signature = signer.sign();
      signer.initVerify(publicKey);
      signer.update(PROBE);
      return signer.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // keys of different kinds
    }
  }

  private static IOException unusable(String what, Path file, String problem, String expected) {
    return new IOException(
        "TLS %s: %s: %s (expected: %s)".formatted(what, file, problem, expected));
  }
}
