package io.handfast.tx.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which failures of a handshake do not heal by themselves. */
class OpeningTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Received fatal alert: bad_certificate",
        "(certificate_required) Received fatal alert: certificate_required",
        "error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA",
        "error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED"
      })
  void shouldSayThatItIsTheCertificatesWhenTheAlertDoes(String said) {
    assertThat(Opening.isOfCertificates(caused(new SSLHandshakeException(said)))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Received fatal alert: internal_error",
        "Received fatal alert: handshake_failure",
        "Received fatal alert: protocol_version",
        "Connection closed while SSL/TLS handshake was in progress"
      })
  void shouldWaitWhenTheHandshakeFailedOtherwise(String said) {
    assertThat(Opening.isOfCertificates(caused(new SSLHandshakeException(said)))).isFalse();
  }

  @Test
  void shouldSayThatItIsTheCertificatesWhenThisSideRefusedOne() {
    assertThat(Opening.isOfCertificates(caused(new CertificateException("expired")))).isTrue();
  }

  private static Throwable caused(Throwable cause) {
    return new IllegalStateException("UNAVAILABLE: io exception", cause);
  }
}
