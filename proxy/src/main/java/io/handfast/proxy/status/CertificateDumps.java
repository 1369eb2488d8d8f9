package io.handfast.proxy.status;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.envoyproxy.envoy.admin.v3.Certificate;
import io.envoyproxy.envoy.admin.v3.CertificateDetails;
import io.envoyproxy.envoy.admin.v3.Certificates;
import io.envoyproxy.envoy.admin.v3.SubjectAlternateName;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.tls.CertificatesInUse;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** {@code envoy.admin.v3.Certificates} of what TLS has read. Stateless. */
public final class CertificateDumps {

  /** What Envoy calls the path of what is in no file. */
  private static final String INLINE = "<inline>";

  private CertificateDumps() {}

  /**
   * All of them, context by context.
   *
   * @param epochMillis time of day: certificates expire by it
   */
  public static Certificates of(List<CertificatesInUse> contexts, long epochMillis) {
    Certificates.Builder all = Certificates.newBuilder();
    Instant now = Instant.ofEpochMilli(epochMillis);
    for (CertificatesInUse context : contexts) {
      Certificate.Builder one = all.addCertificatesBuilder();
      context.authorities().forEach(source -> one.addCaCert(details(source, now)));
      context.certificates().forEach(source -> one.addCertChain(details(source, now)));
    }
    return all.build();
  }

  private static CertificateDetails details(CertificatesInUse.Source source, Instant now) {
    CertificateInfo info = new CertificateInfo(List.of(source.certificate()));
    Instant end = source.certificate().getNotAfter().toInstant();
    CertificateDetails.Builder details =
        CertificateDetails.newBuilder()
            .setPath(source.file().map(Path::toString).orElse(INLINE))
            .setSerialNumber(hex(source.certificate().getSerialNumber()))
            .setDaysUntilExpiration(Math.max(0, Duration.between(now, end).toDays()))
            .setValidFrom(timestamp(source.certificate().getNotBefore().toInstant()))
            .setExpirationTime(timestamp(end));
    info.dnsNames().forEach(name -> details.addSubjectAltNames(name().setDns(name)));
    info.uris().forEach(uri -> details.addSubjectAltNames(name().setUri(uri)));
    info.addresses().forEach(address -> details.addSubjectAltNames(name().setIpAddress(address)));
    return details.build();
  }

  /** In whole bytes. */
  private static String hex(BigInteger serial) {
    String digits = serial.toString(16);
    return digits.length() % 2 == 0 ? digits : "0" + digits;
  }

  private static SubjectAlternateName.Builder name() {
    return SubjectAlternateName.newBuilder();
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamps.fromMillis(instant.toEpochMilli());
  }
}
