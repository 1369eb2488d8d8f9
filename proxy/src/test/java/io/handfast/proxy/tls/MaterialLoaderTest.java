package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsCertificate;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.config.tls.TlsParameters;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MaterialLoaderTest {

  private static final TestPki PKI = new TestPki();
  private static final X509Bundle EC = PKI.workload("ec");
  private static final X509Bundle RSA = PKI.issue(builder -> builder.rsa2048());

  /** Bytes of PKCS#8 before the older form that is in it. */
  private static final int BEFORE_SEC_1 = 28;

  private static final int BEFORE_PKCS_1 = 26;

  @TempDir private Path directory;
  private final ConfigErrors errors = new ConfigErrors();

  /** A key in one of the forms that are written. */
  record Form(String title, X509Bundle owner, String pem, @Nullable String password) {
    @Override
    public String toString() {
      return title;
    }
  }

  static Stream<Form> forms() throws Exception {
    byte[] ec = EC.getKeyPair().getPrivate().getEncoded();
    byte[] rsa = RSA.getKeyPair().getPrivate().getEncoded();
    String certificate = EC.getCertificatePEM();
    String sec1 = pem("EC PRIVATE KEY", Arrays.copyOfRange(ec, BEFORE_SEC_1, ec.length));
    return Stream.of(
        new Form("EC in PKCS#8", EC, pem("PRIVATE KEY", ec), null),
        new Form("RSA in PKCS#8", RSA, pem("PRIVATE KEY", rsa), null),
        new Form("EC in SEC 1", EC, sec1, null),
        new Form("behind a certificate and a comment", EC, certificate + "a key:\n" + sec1, null),
        new Form(
            "RSA in PKCS#1",
            RSA,
            pem("RSA PRIVATE KEY", Arrays.copyOfRange(rsa, BEFORE_PKCS_1, rsa.length)),
            null),
        new Form("encrypted", EC, pem("ENCRYPTED PRIVATE KEY", encrypted(ec, "pass")), "pass\n"));
  }

  private static byte[] encrypted(byte[] key, String password) throws Exception {
    String algorithm = "PBEWithHmacSHA256AndAES_256";
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(
        Cipher.ENCRYPT_MODE,
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec(password.toCharArray())));
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
    parameters.init(cipher.getParameters().getEncoded());
    return new EncryptedPrivateKeyInfo(parameters, cipher.doFinal(key)).getEncoded();
  }

  private static String pem(String label, byte[] content) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(label, Base64.getMimeEncoder().encodeToString(content), label);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void shouldReadTheKeyWhenItIsInAFormThatToolsWrite(Form form) {
    // When
    TlsMaterial material =
        load(
            inline(form.owner().getCertificatePathPEM()),
            inline(form.pem()),
            Optional.ofNullable(form.password()).map(MaterialLoaderTest::inline));

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(material).isNotNull();
    assertThat(material.identities().getFirst().key())
        .isEqualTo(form.owner().getKeyPair().getPrivate());
  }

  @Test
  void shouldNameFieldAndFileWhenAFileIsMissing() {
    // When
    load(file("none.pem"), inline(""), Optional.empty());

    // Then
    assertError(
        ".tls_certificates[0].certificate_chain",
        directory.resolve("none.pem") + ": no such file (expected: a file that is there)");
  }

  @Test
  void shouldNameFieldAndFileWhenItCannotBeRead() throws Exception {
    // Given
    Files.createDirectory(directory.resolve("dir.pem"));

    // When
    load(file("dir.pem"), inline(""), Optional.empty());

    // Then
    assertThat(errors.list().getFirst().toString())
        .startsWith("ctx.tls_certificates[0].certificate_chain: " + directory.resolve("dir.pem"))
        .contains(": cannot be read: ")
        .endsWith("(expected: a file that this process may read)");
  }

  @Test
  void shouldRefuseAFileWhenItIsTooLarge() throws Exception {
    // Given
    Files.write(directory.resolve("big.pem"), new byte[Sources.MAX_BYTES + 1]);

    // When
    load(file("big.pem"), inline(""), Optional.empty());

    // Then
    assertError(
        ".tls_certificates[0].certificate_chain",
        directory.resolve("big.pem")
            + ": more than 1048576 bytes (expected: a file of certificates or a key)");
  }

  @Test
  void shouldRefuseTheKeyOfAnother() {
    // Given
    TestPki.put(directory.resolve("b.key"), PKI.workload("b").getPrivateKeyPEM());

    // When
    load(inline(EC.getCertificatePathPEM()), file("b.key"), Optional.empty());

    // Then
    assertError(
        ".tls_certificates[0].private_key",
        directory.resolve("b.key")
            + ": not the key of the certificate (expected: the private key that certificate_chain"
            + " was issued for)");
  }

  @Test
  void shouldRefuseAnEncryptedKeyWithoutPassword() throws Exception {
    // Given
    byte[] key = encrypted(EC.getKeyPair().getPrivate().getEncoded(), "pass");
    String chain = EC.getCertificatePathPEM();

    // When
    load(inline(chain), inline(pem("ENCRYPTED PRIVATE KEY", key)), Optional.empty());

    // Then
    assertError(
        ".tls_certificates[0].private_key",
        "inline: encrypted (expected: password beside it, or a key in plaintext)");
  }

  @Test
  void shouldRefuseAnEncryptedKeyWhenThePasswordIsWrong() throws Exception {
    // Given
    byte[] key = encrypted(EC.getKeyPair().getPrivate().getEncoded(), "pass");
    String chain = EC.getCertificatePathPEM();

    // When
    load(inline(chain), inline(pem("ENCRYPTED PRIVATE KEY", key)), Optional.of(inline("wrong")));

    // Then
    assertError(
        ".tls_certificates[0].private_key",
        "inline: cannot be decrypted (expected: the key's password in password)");
  }

  @Test
  void shouldRefuseAKeyInOpenSslsOldEncryption() {
    // Given
    String key =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE"
            + " KEY-----\n";

    // When
    load(inline(RSA.getCertificatePathPEM()), inline(key), Optional.empty());

    // Then
    assertThat(errors.list().getFirst().problem())
        .startsWith("inline: encrypted in OpenSSL's old format (expected: PKCS#8");
  }

  @Test
  void shouldRefuseACertificateThatHasExpired() {
    // Given
    Instant end = Instant.parse("2020-01-02T00:00:00Z");
    X509Bundle old =
        PKI.issue(
            builder -> builder.ecp256().notBefore(end.minus(Duration.ofDays(1))).notAfter(end));

    // When
    load(inline(old.getCertificatePathPEM()), inline(old.getPrivateKeyPEM()), Optional.empty());

    // Then
    assertError(
        ".tls_certificates[0].certificate_chain",
        "inline: expired at 2020-01-02T00:00:00Z (expected: a certificate that is valid now)");
  }

  @Test
  void shouldRefuseACertificateThatIsNotValidYet() {
    // Given
    Instant begin = Instant.parse("2999-01-02T00:00:00Z");
    X509Bundle next =
        PKI.issue(
            builder -> builder.ecp256().notBefore(begin).notAfter(begin.plus(Duration.ofDays(1))));

    // When
    load(inline(next.getCertificatePathPEM()), inline(next.getPrivateKeyPEM()), Optional.empty());

    // Then
    assertError(
        ".tls_certificates[0].certificate_chain",
        "inline: valid from 2999-01-02T00:00:00Z on (expected: a certificate that is valid now)");
  }

  @Test
  void shouldRefuseWhatIsNoCertificate() {
    // When
    load(inline("hello"), inline(""), Optional.empty());

    // Then
    assertError(
        ".tls_certificates[0].certificate_chain",
        "inline: no certificate (expected: at least one in PEM: BEGIN CERTIFICATE)");
  }

  @Test
  void shouldRefuseAnAuthorityThatCannotBeRead() {
    // Given
    TlsContextConfig config =
        new TlsContextConfig(
            TlsParameters.DEFAULTS,
            List.of(),
            Optional.of(
                new PeerValidation(
                    Optional.of(inline(pem("CERTIFICATE", new byte[] {1, 2, 3}))),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty())),
            List.of());

    // When
    TlsMaterial material = MaterialLoader.load("ctx", config, Instant.now(), errors);

    // Then
    assertThat(material).isNull();
    assertError(
        ".validation_context.trusted_ca",
        "inline: certificate 1 cannot be read (expected: X.509 in PEM)");
  }

  @Test
  void shouldRefuseAVariableThatIsNotSet() {
    // When
    load(new TlsSource.Variable("HANDFAST_NO_SUCH_VARIABLE"), inline(""), Optional.empty());

    // Then
    assertError(
        ".tls_certificates[0].certificate_chain",
        "environment variable HANDFAST_NO_SUCH_VARIABLE: not set (expected: PEM in it)");
  }

  @Test
  void shouldTellNoSecretWhenASourceIsPrinted() {
    assertThat(new TlsSource.Inline("secret")).hasToString("inline");
  }

  private @Nullable TlsMaterial load(TlsSource chain, TlsSource key, Optional<TlsSource> password) {
    TlsCertificate certificate = new TlsCertificate(chain, key, password, Optional.empty());
    return MaterialLoader.load(
        "ctx",
        new TlsContextConfig(
            TlsParameters.DEFAULTS, List.of(certificate), Optional.empty(), List.of()),
        Instant.now(),
        errors);
  }

  private void assertError(String field, String problem) {
    assertThat(errors.list()).containsExactly(new ConfigError("ctx" + field, problem));
  }

  private static TlsSource inline(String text) {
    return new TlsSource.Inline(text);
  }

  private TlsSource file(String name) {
    return new TlsSource.File(directory.resolve(name));
  }
}
