package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import io.handfast.proxy.config.match.StringMatch;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.SanMatcher;
import io.handfast.proxy.config.tls.SanMatcher.SanType;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.tls.PeerRefusedException.Reason;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class PeerVerifierTest {

  private static final TestPki PKI = new TestPki();
  private static final X509Bundle PEER =
      PKI.issue(builder ->
          builder
              .ecp256()
              .addSanUriName(URI.create("spiffe://mesh.example/ns/bank/sa/transfers"))
              .addSanDnsName("transfers.bank.example")
              .addSanIpAddress("10.1.2.3")
              .addSanIpAddress("2001:db8::1")
              .addSanRfc822Name("ops@bank.example"));

  /** A name that is accepted, and whether the peer has it. */
  record Case(SanType type, StringMatch match, boolean accepted) {}

  static Stream<Case> names() {
    return Stream.of(
        new Case(SanType.URI, exact("spiffe://mesh.example/ns/bank/sa/transfers"), true),
        new Case(SanType.URI, exact("spiffe://mesh.example/ns/bank/sa/transfer"), false),
        new Case(SanType.URI, exact("SPIFFE://mesh.example/ns/bank/sa/transfers"), false),
        new Case(SanType.URI, new StringMatch.Prefix("spiffe://mesh.example/", false), true),
        new Case(SanType.URI, new StringMatch.Prefix("spiffe://other.example/", false), false),
        new Case(SanType.URI, new StringMatch.Suffix("/sa/transfers", false), true),
        new Case(SanType.URI, new StringMatch.Contains("/NS/BANK/", true), true),
        new Case(SanType.URI, regex("spiffe://[^/]+/ns/bank/.*"), true),
        new Case(SanType.URI, regex("spiffe://[^/]+/ns/bank"), false),
        new Case(SanType.URI, exact("transfers.bank.example"), false),
        new Case(SanType.DNS, exact("transfers.bank.example"), true),
        new Case(SanType.DNS, exact("Transfers.Bank.Example"), true),
        new Case(SanType.DNS, new StringMatch.Suffix(".bank.example", false), true),
        new Case(SanType.DNS, new StringMatch.Suffix(".bank.test", false), false),
        new Case(SanType.IP_ADDRESS, exact("10.1.2.3"), true),
        new Case(SanType.IP_ADDRESS, exact("10.1.2.4"), false),
        new Case(SanType.IP_ADDRESS, exact("2001:db8::1"), true),
        new Case(SanType.EMAIL, exact("ops@bank.example"), true),
        new Case(SanType.EMAIL, exact("dev@bank.example"), false));
  }

  private static StringMatch exact(String value) {
    return new StringMatch.Exact(value, false);
  }

  private static StringMatch regex(String pattern) {
    return new StringMatch.Regex(Pattern.compile(pattern));
  }

  @ParameterizedTest
  @MethodSource("names")
  void shouldAcceptAPeerExactlyWhenItHasTheName(Case given) throws Exception {
    // Given
    PeerVerifier verifier =
        verifier(List.of(new SanMatcher(given.type(), given.match())), List.of(), List.of());

    // When / Then
    if (given.accepted()) {
      verifier.checkClientTrusted(chain(PEER), "UNKNOWN");
      verifier.checkServerTrusted(chain(PEER), "UNKNOWN");
    } else {
      assertRefused(verifier, PEER, Reason.NAME);
    }
  }

  @Test
  void shouldAcceptAnyOfSeveralNames() throws Exception {
    // Given
    PeerVerifier verifier =
        verifier(
            List.of(
                new SanMatcher(SanType.DNS, exact("other.example")),
                new SanMatcher(SanType.IP_ADDRESS, exact("10.1.2.3"))),
            List.of(),
            List.of());

    // When / Then
    verifier.checkClientTrusted(chain(PEER), "UNKNOWN");
    assertThat(verifier.getAcceptedIssuers()).containsExactly(PKI.authority().getCertificate());
  }

  @Test
  void shouldAcceptAWildcardForAnExactName() throws Exception {
    // Given
    X509Bundle wildcard =
        PKI.issue(builder -> TestPki.wildcard(builder.ecp256(), "*.wild.example"));
    PeerVerifier verifier =
        verifier(
            List.of(new SanMatcher(SanType.DNS, exact("a.wild.example"))), List.of(), List.of());

    // When / Then
    verifier.checkServerTrusted(chain(wildcard), "UNKNOWN");
    assertRefused(
        verifier(
            List.of(new SanMatcher(SanType.DNS, exact("a.b.wild.example"))), List.of(), List.of()),
        wildcard,
        Reason.NAME);
  }

  @Test
  void shouldRefuseAPeerOfAnotherAuthority() {
    assertRefused(
        verifier(List.of(), List.of(), List.of()),
        new TestPki().workload("transfers"),
        Reason.UNTRUSTED);
  }

  @Test
  void shouldRefuseAPeerWhoseCertificateHasExpired() {
    // Given
    Instant end = Instant.now().minus(Duration.ofHours(1));
    X509Bundle expired =
        PKI.issue(
            builder -> builder.ecp256().notBefore(end.minus(Duration.ofDays(1))).notAfter(end));

    // When / Then
    assertRefused(verifier(List.of(), List.of(), List.of()), expired, Reason.UNTRUSTED);
  }

  @Test
  void shouldAcceptAPinnedCertificateOnly() throws Exception {
    // Given
    X509Bundle other = PKI.workload("other");
    String pin = new CertificateInfo(List.of(PEER.getCertificate())).sha256();
    PeerVerifier verifier = verifier(List.of(), List.of(), List.of(pin));

    // When / Then
    verifier.checkClientTrusted(chain(PEER), "UNKNOWN");
    assertRefused(verifier, other, Reason.PIN);
  }

  @Test
  void shouldAcceptAPinnedKeyOnly() throws Exception {
    // Given
    byte[] key =
        MessageDigest.getInstance("SHA-256")
            .digest(PEER.getCertificate().getPublicKey().getEncoded());
    PeerVerifier verifier =
        verifier(List.of(), List.of(Base64.getEncoder().encodeToString(key)), List.of());

    // When / Then
    verifier.checkClientTrusted(chain(PEER), "UNKNOWN");
    assertRefused(verifier, PKI.workload("other"), Reason.PIN);
  }

  @ParameterizedTest
  @CsvSource({
    "a.example.com, a.example.com, true",
    "A.example.com, a.EXAMPLE.com, true",
    "*.example.com, a.example.com, true",
    "*.example.com, example.com, false",
    "*.example.com, a.b.example.com, false",
    "*.example.com, .example.com, false",
    "*.com, example.com, false",
    "a*.example.com, ab.example.com, false",
    "a.example.com, b.example.com, false"
  })
  void shouldMatchDnsNamesAsRfc6125Says(String pattern, String host, boolean expected) {
    assertThat(DnsNames.match(pattern, host)).isEqualTo(expected);
  }

  private static PeerVerifier verifier(
      List<SanMatcher> names, List<String> keyPins, List<String> certificatePins) {
    return new PeerVerifier(
        Optional.of(
            new PeerValidation(
                Optional.of(new TlsSource.Inline("")),
                names,
                keyPins,
                certificatePins,
                Optional.empty())),
        List.of(PKI.authority().getCertificate()),
        false);
  }

  private static X509Certificate[] chain(X509Bundle bundle) {
    return bundle.getCertificatePath();
  }

  private static void assertRefused(PeerVerifier verifier, X509Bundle peer, Reason reason) {
    assertThatThrownBy(() -> verifier.checkClientTrusted(chain(peer), "UNKNOWN"))
        .isInstanceOf(CertificateException.class)
        .extracting(refusal -> ((PeerRefusedException) refusal).reason())
        .isEqualTo(reason);
  }
}
