package io.handfast.proxy.stats;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * TLS of a listener's or a cluster's connections, in Envoy's names. Thread-safe.
 *
 * <p>Bound: one counter for each version and cipher suite that can be negotiated.
 */
public final class TlsStats {

  /** {@code ssl.handshake}: handshakes that succeeded. */
  public final Counter handshake;

  /** {@code ssl.session_reused}: of them by resuming a session. */
  public final Counter sessionReused;

  /** {@code ssl.no_certificate}: of them without a certificate of the client. */
  public final Counter noCertificate;

  /** {@code ssl.connection_error}: handshakes that failed for another reason than a certificate. */
  public final Counter connectionError;

  /** {@code ssl.fail_verify_no_cert}: refused, for a certificate is required and none came. */
  public final Counter failVerifyNoCert;

  /** {@code ssl.fail_verify_error}: refused, for nobody trusted vouches for the certificate. */
  public final Counter failVerifyError;

  /** {@code ssl.fail_verify_san}: refused for the certificate's names. */
  public final Counter failVerifySan;

  /** {@code ssl.fail_verify_cert_hash}: refused, for the certificate is not a pinned one. */
  public final Counter failVerifyCertHash;

  private final Names names;
  private final Map<String, Counter> versions = new ConcurrentHashMap<>();
  private final Map<String, Counter> ciphers = new ConcurrentHashMap<>();

  TlsStats(Names names) {
    this.names = names;
    handshake = names.counter("ssl.handshake");
    sessionReused = names.counter("ssl.session_reused");
    noCertificate = names.counter("ssl.no_certificate");
    connectionError = names.counter("ssl.connection_error");
    failVerifyNoCert = names.counter("ssl.fail_verify_no_cert");
    failVerifyError = names.counter("ssl.fail_verify_error");
    failVerifySan = names.counter("ssl.fail_verify_san");
    failVerifyCertHash = names.counter("ssl.fail_verify_cert_hash");
  }

  /** Counts {@code ssl.versions.<version>} and {@code ssl.ciphers.<suite>}. */
  public void negotiated(String version, String cipherSuite) {
    versions.computeIfAbsent(version, name -> names.counter("ssl.versions." + name)).inc();
    ciphers.computeIfAbsent(cipherSuite, name -> names.counter("ssl.ciphers." + name)).inc();
  }
}
