package io.handfast.proxy.http.tls;

import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/**
 * What a certificate says of its bearer, in the words of access logs and {@code
 * x-forwarded-client-cert}. Immutable and thread-safe. Names are read once, when the connection is
 * made; the rest when somebody asks.
 */
public final class CertificateInfo {
  /** Kinds of {@code GeneralName}, RFC 5280 section 4.2.1.6. */
  private static final int RFC_822_NAME = 1;

  private static final int DNS_NAME = 2;
  private static final int UNIFORM_RESOURCE_IDENTIFIER = 6;
  private static final int IP_ADDRESS = 7;

  private final List<X509Certificate> chain;
  private final List<String> uris;
  private final List<String> dnsNames;
  private final List<String> addresses;
  private final List<String> emails;

  /**
   * @param chain the bearer's certificate first
   */
  public CertificateInfo(List<X509Certificate> chain) {
    this.chain = List.copyOf(chain);
    Collection<List<?>> names = names(this.chain.getFirst());
    uris = of(names, UNIFORM_RESOURCE_IDENTIFIER);
    dnsNames = of(names, DNS_NAME);
    addresses = of(names, IP_ADDRESS).stream().map(CertificateInfo::canonical).toList();
    emails = of(names, RFC_822_NAME);
  }

  /** A certificate whose names cannot be read has none. */
  private static Collection<List<?>> names(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? List.of() : names;
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  private static List<String> of(Collection<List<?>> names, int kind) {
    List<String> found = new ArrayList<>();
    for (List<?> name : names) {
      if (name.get(0).equals(kind) && name.get(1) instanceof String text) {
        found.add(text);
      }
    }
    return List.copyOf(found);
  }

  /** The JDK writes IPv6 addresses in full. */
  private static String canonical(String address) {
    byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
    return bytes == null ? address : NetUtil.bytesToIpAddress(bytes);
  }

  /** Subject alternative names that are URIs, among them a SPIFFE ID. */
  public List<String> uris() {
    return uris;
  }

  /** Subject alternative names that are DNS names. */
  public List<String> dnsNames() {
    return dnsNames;
  }

  /** Subject alternative names that are IP addresses. */
  public List<String> addresses() {
    return addresses;
  }

  /** Subject alternative names that are e-mail addresses. */
  public List<String> emails() {
    return emails;
  }

  /** The subject, RFC 2253. */
  public String subject() {
    return chain.getFirst().getSubjectX500Principal().getName();
  }

  /** The issuer, RFC 2253. */
  public String issuer() {
    return chain.getFirst().getIssuerX500Principal().getName();
  }

  /** The serial number in hexadecimal. */
  public String serial() {
    return chain.getFirst().getSerialNumber().toString(16);
  }

  /** From when it holds. */
  public Instant validFrom() {
    return chain.getFirst().getNotBefore().toInstant();
  }

  /** Until when it holds. */
  public Instant validTo() {
    return chain.getFirst().getNotAfter().toInstant();
  }

  /** SHA-256 of the certificate in hexadecimal. */
  public String sha256() {
    return fingerprint("SHA-256");
  }

  /** SHA-1 of the certificate in hexadecimal. */
  public String sha1() {
    return fingerprint("SHA-1");
  }

  private String fingerprint(String algorithm) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance(algorithm).digest(encoded(chain.getFirst())));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }

  /** The certificate in PEM. */
  public String pem() {
    return pem(chain.getFirst());
  }

  /** The certificate and those that came with it, in PEM. */
  public String chainPem() {
    StringBuilder pem = new StringBuilder();
    chain.forEach(certificate -> pem.append(pem(certificate)));
    return pem.toString();
  }

  private static String pem(X509Certificate certificate) {
    byte[] newline = "\n".getBytes(StandardCharsets.US_ASCII);
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, newline).encodeToString(encoded(certificate))
        + "\n-----END CERTIFICATE-----\n";
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
  }
}
