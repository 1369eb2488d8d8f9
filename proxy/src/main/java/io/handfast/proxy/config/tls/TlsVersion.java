package io.handfast.proxy.config.tls;

/** Versions of TLS that are spoken; older ones are refused. */
public enum TlsVersion {
  TLS_1_2("TLSv1.2"),
  TLS_1_3("TLSv1.3");

  private final String text;

  TlsVersion(String text) {
    this.text = text;
  }

  /** As the JDK, OpenSSL and access logs write it. */
  public String text() {
    return text;
  }
}
