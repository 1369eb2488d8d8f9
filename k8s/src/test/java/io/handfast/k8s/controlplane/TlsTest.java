package io.handfast.k8s.controlplane;

import static io.handfast.k8s.controlplane.TestResources.cluster;
import static io.handfast.k8s.controlplane.TestResources.snapshot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.GrpcService.GoogleGrpc;
import io.handfast.k8s.controlplane.source.Findings;
import io.handfast.k8s.controlplane.source.ResourceSource;
import io.handfast.xds.resource.ResourceType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that proves who it is, and asks its clients to. */
final class TlsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  /** One cluster, for ever. */
  private static final class Constant implements ResourceSource {
    @Override
    public Findings start(Consumer<Findings> changed) {
      return new Findings(snapshot(cluster("a")), Map.of(), List.of());
    }

    @Override
    public void close() {}
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private ControlPlane start(ServerSettings.Tls tls) throws Exception {
    return ControlPlane.start(
        new Constant(),
        new ServerSettings(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.of(tls)),
        new SimpleMeterRegistry());
  }

  private static FollowingClient client(
      ControlPlane controlPlane, X509Bundle trusted, Optional<X509Bundle> own) {
    GoogleGrpc.Builder target =
        GoogleGrpc.newBuilder().setTargetUri("localhost:" + controlPlane.address().getPort());
    var credentials = target.getChannelCredentialsBuilder().getSslCredentialsBuilder();
    credentials.getRootCertsBuilder().setInlineString(trusted.getRootCertificatePEM());
    own.ifPresent(bundle -> {
      credentials.getCertChainBuilder().setInlineString(bundle.getCertificatePEM());
      credentials.getPrivateKeyBuilder().setInlineString(bundle.getPrivateKeyPEM());
    });
    return FollowingClient.of(target.build(), ApiType.AGGREGATED_DELTA_GRPC, ResourceType.CLUSTER)
        .subscribe(ResourceType.CLUSTER, "*")
        .start();
  }

  @Test
  void shouldServeThoseWhoProveWhoTheyAreAndNobodyElse() throws Exception {
    // Given
    X509Bundle ca =
        new CertificateBuilder().subject("CN=ca").setIsCertificateAuthority(true).buildSelfSigned();
    X509Bundle server =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .buildIssuedBy(ca);
    X509Bundle known = new CertificateBuilder().subject("CN=sidecar").buildIssuedBy(ca);
    X509Bundle foreignCa =
        new CertificateBuilder().subject("CN=x").setIsCertificateAuthority(true).buildSelfSigned();
    X509Bundle foreign = new CertificateBuilder().subject("CN=sidecar").buildIssuedBy(foreignCa);
    ServerSettings.Tls tls =
        new ServerSettings.Tls(
            write("cert.pem", server.getCertificatePathPEM()),
            write("key.pem", server.getPrivateKeyPEM()),
            Optional.of(write("ca.pem", ca.getRootCertificatePEM())));

    try (ControlPlane controlPlane = start(tls);
        FollowingClient nobody = client(controlPlane, ca, Optional.empty());
        FollowingClient stranger = client(controlPlane, ca, Optional.of(foreign));
        FollowingClient sidecar = client(controlPlane, ca, Optional.of(known))) {
      // Then
      await().atMost(PATIENCE).until(() -> sidecar.held.containsKey("clusters[a]"));
      await()
          .atMost(PATIENCE)
          .until(() -> nobody.failures.get() > 0 && stranger.failures.get() > 0);
      assertThat(nobody.held).isEmpty();
      assertThat(stranger.held).isEmpty();
    }
  }

  @Test
  void shouldSayWhichFileCannotBeUsedWhenItStarts() throws Exception {
    // Given
    X509Bundle mine =
        new CertificateBuilder().subject("CN=a").setIsCertificateAuthority(true).buildSelfSigned();
    X509Bundle others =
        new CertificateBuilder().subject("CN=b").setIsCertificateAuthority(true).buildSelfSigned();
    Path cert = write("cert.pem", mine.getCertificatePEM());
    Path key = write("key.pem", mine.getPrivateKeyPEM());
    Path othersKey = write("others-key.pem", others.getPrivateKeyPEM());
    Path nonsense = write("nonsense.pem", "nonsense");
    Path empty = write("empty.pem", "");
    Path nowhere = directory.resolve("nowhere.pem");

    // Then
    assertThat(refusal(nowhere, key, Optional.empty()))
        .isEqualTo(
            "TLS certificate: " + nowhere + ": no such file (expected: certificates in PEM)");
    assertThat(refusal(nonsense, key, Optional.empty()))
        .startsWith("TLS certificate: " + nonsense + ": ")
        .endsWith(" (expected: certificates in PEM)");
    assertThat(refusal(empty, key, Optional.empty()))
        .startsWith("TLS certificate: " + empty + ": ");
    assertThat(refusal(cert, directory, Optional.empty()))
        .startsWith("TLS private key: " + directory + ": cannot be read: ");
    assertThat(refusal(cert, nonsense, Optional.empty()))
        .startsWith("TLS private key: " + nonsense + ": cannot be used: ")
        .endsWith(" (expected: a key in PEM)");
    assertThat(refusal(cert, othersKey, Optional.empty()))
        .isEqualTo(
            "TLS private key: "
                + othersKey
                + ": not the key of the certificate (expected: the key of its leaf)");
    assertThat(refusal(cert, key, Optional.of(empty))).startsWith("TLS client CA: " + empty + ": ");
  }

  private String refusal(Path certificate, Path key, Optional<Path> clientCa) {
    return String.valueOf(
        catchThrowableOfType(
                IOException.class, () -> start(new ServerSettings.Tls(certificate, key, clientCa)))
            .getMessage());
  }
}
