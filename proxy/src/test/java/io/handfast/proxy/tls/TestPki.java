package io.handfast.proxy.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority, and those that it has vouched for, as files and as contexts of the JDK.
 */
public final class TestPki {
  private final X509Bundle authority;

  /** An authority of its own. */
  public TestPki() {
    authority =
        build(
            new CertificateBuilder()
                .subject("CN=test authority")
                .setIsCertificateAuthority(true)
                .ecp256(),
            null);
  }

  public X509Bundle authority() {
    return authority;
  }

  /** A workload of the mesh, as a server and as a client. */
  public X509Bundle workload(String name) {
    return issue(builder ->
        builder
            .subject("CN=" + name)
            .addSanUriName(URI.create("spiffe://mesh.example/" + name))
            .addSanDnsName(name + ".example.com")
            .ecp256());
  }

  /** A certificate of the test's choice. */
  public X509Bundle issue(UnaryOperator<CertificateBuilder> what) {
    Instant now = Instant.now();
    return build(
        what.apply(
            new CertificateBuilder()
                .subject("CN=leaf")
                .notBefore(now.minus(Duration.ofDays(1)))
                .notAfter(now.plus(Duration.ofDays(1)))),
        authority);
  }

  /** A name that the builder has no method for: {@code SEQUENCE { [2] IA5String }}. */
  static CertificateBuilder wildcard(CertificateBuilder builder, String name) {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    byte[] names = new byte[text.length + 4];
    names[0] = 0x30;
    names[1] = (byte) (text.length + 2);
    names[2] = (byte) 0x82;
    names[3] = (byte) text.length;
    System.arraycopy(text, 0, names, 4, text.length);
    return builder.addExtensionOctetString("2.5.29.17", false, names);
  }

  private static X509Bundle build(CertificateBuilder builder, @Nullable X509Bundle issuer) {
    try {
      return issuer == null ? builder.buildSelfSigned() : builder.buildIssuedBy(issuer);
    } catch (Exception e) {
      throw new IllegalStateException("a certificate that cannot be made", e);
    }
  }

  /** Writes {@code NAME.pem}, {@code NAME.key} and {@code ca.pem} into the directory. */
  public void write(Path directory, String name, X509Bundle leaf) {
    put(directory.resolve(name + ".pem"), leaf.getCertificatePathPEM());
    put(directory.resolve(name + ".key"), leaf.getPrivateKeyPEM());
    put(directory.resolve("ca.pem"), authority.getCertificatePEM());
  }

  /** Writes a file in one step, as an agent that renews certificates does. */
  static void put(Path file, String text) {
    try {
      Path fresh = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A context of the JDK that trusts this authority.
   *
   * @param own what it shows; null for nothing
   */
  public SSLContext jdk(@Nullable X509Bundle own) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] keys = own == null ? null : own.toKeyManagerFactory().getKeyManagers();
      context.init(keys, new TrustManager[] {authority.toTrustManager()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
