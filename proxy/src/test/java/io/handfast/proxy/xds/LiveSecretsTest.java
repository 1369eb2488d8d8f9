package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static io.handfast.proxy.xds.SecretResources.authority;
import static io.handfast.proxy.xds.SecretResources.certificate;
import static io.handfast.proxy.xds.SecretResources.downstream;
import static io.handfast.proxy.xds.SecretResources.secret;
import static io.handfast.proxy.xds.SecretResources.secured;
import static io.handfast.proxy.xds.SecretResources.socket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.BoolValue;
import com.google.protobuf.util.Durations;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.handfast.proxy.tls.TestPki;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates and validation contexts that a real control plane sends (SDS). */
final class LiveSecretsTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final TestPki PKI = new TestPki();
  private static final TestPki OTHER = new TestPki();
  private static final X509Bundle FIRST = PKI.workload("first");
  private static final X509Bundle SECOND = PKI.workload("second");

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
    control.close();
    one.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldShowTheNewCertificateAndKeepItsConnectionsWhenASecretRotatesW1(String type) {
    // Given
    control.serve(snapshot("1", downstream("own"), certificate("own", FIRST)));
    LiveSidecar sidecar = started(type);
    int port = sidecar.port("l").orElseThrow();
    try (KeptConnection before = new KeptConnection(connect(port, null))) {
      assertThat(before.get()).isEqualTo("200 one");
      assertThat(leafAt(port)).isEqualTo("CN=first");

      // When
      control.serve(snapshot("2", downstream("own"), certificate("own", SECOND)));

      // Then
      await().atMost(PATIENCE).until(() -> leafAt(port).equals("CN=second"));
      assertThat(before.get()).isEqualTo("200 one");
      assertThat(sidecar.stat("sds.own.update_success")).contains(2L);
    }
  }

  @Test
  void shouldRefuseACertificateWithItsFieldAndShowTheOldOneA2() {
    // Given
    control.serve(snapshot("1", downstream("own"), certificate("own", FIRST)));
    LiveSidecar sidecar = started(DELTA);

    // When: the key of another certificate
    Secret.Builder bad = certificate("own", SECOND).toBuilder();
    bad.getTlsCertificateBuilder().getPrivateKeyBuilder().setInlineString(FIRST.getPrivateKeyPEM());
    control.serve(snapshot("2", downstream("own"), bad.build()));

    // Then
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(control.refusals())
                .anyMatch(text -> text.contains("secrets[own].tls_certificate.private_key")));
    assertThat(String.join("", control.refusals())).doesNotContain("BEGIN");
    assertThat(leafAt(sidecar.port("l").orElseThrow())).isEqualTo("CN=first");
    assertThat(sidecar.stat("sds.own.update_rejected").orElseThrow()).isPositive();
  }

  @Test
  void shouldAskClientsForWhatTheNewAuthorityVouchesForWhenAValidationContextRotates() {
    // Given
    DownstreamTlsContext mutual =
        downstream("own").toBuilder()
            .setRequireClientCertificate(BoolValue.of(true))
            .setCommonTlsContext(
                downstream("own").getCommonTlsContext().toBuilder()
                    .setValidationContextSdsSecretConfig(secret("ca")))
            .build();
    control.serve(snapshot("1", mutual, certificate("own", FIRST), authority("ca", PKI)));
    int port = started(DELTA).port("l").orElseThrow();
    assertThat(ask(port, PKI.workload("client"))).isEqualTo("200 one");
    assertThatThrownBy(() -> ask(port, OTHER.workload("client")))
        .isInstanceOf(UncheckedIOException.class);

    // When
    control.serve(snapshot("2", mutual, certificate("own", FIRST), authority("ca", OTHER)));

    // Then
    await()
        .atMost(PATIENCE)
        .ignoreException(UncheckedIOException.class)
        .until(() -> ask(port, OTHER.workload("client")).equals("200 one"));
    assertThatThrownBy(() -> ask(port, PKI.workload("client")))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void shouldKeepTheConnectionsToAClusterWhenItsSecretRotates() {
    // Given
    try (NamedService secured = new NamedService("secured", PKI.jdk(PKI.workload("service")))) {
      control.serve(upstream("1", secured, authority("ca", PKI)));
      LiveSidecar sidecar = started(DELTA);
      try (KeptConnection client = new KeptConnection(sidecar.port("l").orElseThrow())) {
        assertThat(client.get()).isEqualTo("200 secured");

        // When
        control.serve(upstream("2", secured, authority("ca", OTHER)));
        await()
            .atMost(PATIENCE)
            .until(() -> sidecar.stat("sds.ca.update_success").equals(Optional.of(2L)));

        // Then
        assertThat(client.get()).isEqualTo("200 secured");
        assertThat(secured.connections()).isEqualTo(1);
        assertThat(sidecar.stat("cluster_manager.cluster_modified")).contains(0L);
      }
    }
  }

  @Test
  void shouldRefuseConnectionsUntilTheSecretIsThereWhenItComesLateR1() {
    // Given: the listener waits for it as long as initial_fetch_timeout says
    DownstreamTlsContext.Builder hasty = downstream("own").toBuilder();
    hasty
        .getCommonTlsContextBuilder()
        .getTlsCertificateSdsSecretConfigsBuilder(0)
        .getSdsConfigBuilder()
        .setInitialFetchTimeout(Durations.fromMillis(50));
    control.serve(snapshot("1", hasty.build()));
    int port = started(DELTA).port("l").orElseThrow();
    assertThatThrownBy(() -> ask(port, null)).isInstanceOf(UncheckedIOException.class);

    // When
    control.serve(snapshot("2", hasty.build(), certificate("own", FIRST)));

    // Then
    await()
        .atMost(PATIENCE)
        .ignoreException(UncheckedIOException.class)
        .until(() -> ask(port, null).equals("200 one"));
  }

  private LiveSidecar started(String type) {
    LiveSidecar sidecar = LiveSidecar.on(control, type);
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return sidecar;
  }

  private Snapshot snapshot(String version, DownstreamTlsContext tls, Secret... secrets) {
    return Snapshot.create(
        List.of(cluster("a")),
        List.of(endpoints("a", one.port())),
        List.of(secured(listener("l", "r"), tls)),
        List.of(routes("r", "a")),
        List.of(secrets),
        version);
  }

  private static Snapshot upstream(String version, NamedService service, Secret... secrets) {
    CommonTlsContext common =
        CommonTlsContext.newBuilder().setValidationContextSdsSecretConfig(secret("ca")).build();
    Cluster secured =
        cluster("a").toBuilder()
            .setTransportSocket(
                socket(UpstreamTlsContext.newBuilder().setCommonTlsContext(common).build()))
            .build();
    return Snapshot.create(
        List.of(secured),
        List.of(endpoints("a", service.port())),
        List.of(listener("l", "r")),
        List.of(routes("r", "a")),
        List.of(secrets),
        version);
  }

  private static String ask(int port, @Nullable X509Bundle client) {
    try (KeptConnection connection = new KeptConnection(connect(port, client))) {
      return connection.get();
    }
  }

  private static String leafAt(int port) {
    try (SSLSocket socket = connect(port, null)) {
      X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return leaf.getSubjectX500Principal().getName();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SSLSocket connect(int port, @Nullable X509Bundle client) {
    try {
      SSLSocket socket =
          (SSLSocket)
              PKI.jdk(client)
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), port);
      socket.startHandshake();
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
