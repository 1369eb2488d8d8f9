package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.config.match.StringMatch;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.SanMatcher;
import io.handfast.proxy.config.tls.TlsCertificate;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.config.tls.TlsParameters;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.proxy.config.tls.TlsVersion;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.stats.TlsStats;
import io.handfast.proxy.tls.TlsContexts.Placed;
import io.handfast.xds.resource.InvalidConfigException;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ends are ours, by BoringSSL and by the JDK, which must not differ in what they refuse. */
final class TlsContextsTest {

  private static final TestPki PKI = new TestPki();
  private static final X509Bundle SERVER = PKI.workload("server");
  private static final X509Bundle CLIENT = PKI.workload("client");
  private static final TlsParameters PARAMETERS =
      new TlsParameters(
          TlsVersion.TLS_1_2,
          TlsVersion.TLS_1_3,
          TlsParameters.CIPHER_SUITES,
          List.of("P-256", "X25519"));

  private final Stats stats = new Stats();

  /** What one end was told. */
  private static final class Told implements Handshake.Listener {
    private final List<TlsInfo> secured = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();

    @Override
    public void onSecured(TlsInfo info) {
      secured.add(info);
    }

    @Override
    public void onFailed(boolean timedOut, String reason) {
      failed.add(reason);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"JDK", "OPENSSL_REFCNT"})
  void shouldKnowThePeerWhenBothProveWhoTheyAre(SslProvider provider) throws Exception {
    // Given
    Told server = new Told();
    Told client = new Told();

    // When
    shake(provider, "spiffe://mesh.example/client", server, client);

    // Then
    assertThat(server.failed).isEmpty();
    assertThat(server.secured)
        .singleElement()
        .satisfies(info -> {
          assertThat(info.verifiedIdentity()).isEqualTo("spiffe://mesh.example/client");
          assertThat(info.version()).isEqualTo("TLSv1.3");
          assertThat(info.serverName()).isEqualTo("server.example.com");
          assertThat(info.applicationProtocol()).isEqualTo("http/1.1");
        });
    assertThat(client.secured)
        .singleElement()
        .satisfies(
            info -> assertThat(info.verifiedIdentity()).isEqualTo("spiffe://mesh.example/server"));
    assertThat(tls("server").handshake.value()).isEqualTo(1);
    assertThat(tls("client").handshake.value()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = SslProvider.class,
      names = {"JDK", "OPENSSL_REFCNT"})
  void shouldRefuseAPeerOfAnotherName(SslProvider provider) throws Exception {
    // Given
    Told server = new Told();

    // When
    shake(provider, "spiffe://mesh.example/other", server, new Told());

    // Then
    assertThat(server.secured).isEmpty();
    assertThat(server.failed)
        .singleElement()
        .satisfies(reason ->
            assertThat(reason)
                .startsWith("TLS error: certificate of [spiffe://mesh.example/client]"));
    assertThat(tls("server").failVerifySan.value()).isEqualTo(1);
  }

  @Test
  void shouldRefuseConnectionsUntilCertificatesAreThere() throws Exception {
    // Given
    TlsConfig.Downstream config =
        new TlsConfig.Downstream(
            context(new TlsSource.File(Path.of("/none.pem")), SERVER, "x"),
            true,
            false,
            Duration.ofHours(1));
    try (TlsContexts contexts =
        new TlsContexts(stats, System::currentTimeMillis, SslProvider.JDK)) {
      Told told = new Told();
      EmbeddedChannel channel = new EmbeddedChannel();

      // When
      assertThatThrownBy(
              () -> contexts.warm(List.of(new Placed("ctx", config))).toCompletableFuture().get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InvalidConfigException.class);
      Handshake.server(channel, contexts.of(config), Duration.ZERO, tls("server"), told);

      // Then
      assertThat(told.failed).containsExactly("TLS error: no certificates");
      assertThat(channel.isOpen()).isFalse();
    }
  }

  @Test
  void shouldTellWhenTheFirstCertificateExpires() throws Exception {
    // Given
    Instant now = Instant.now();
    X509Bundle soon =
        PKI.issue(it -> it.ecp256().notAfter(now.plus(Duration.ofDays(3)).plusSeconds(600)));
    TlsConfig.Upstream config =
        new TlsConfig.Upstream(context(chain(soon), soon, "x"), "", false, false);
    try (TlsContexts contexts = new TlsContexts(stats, now::toEpochMilli, SslProvider.JDK)) {
      // When
      contexts.load(List.of(new Placed("ctx", config)));

      // Then
      assertThat(contexts.daysUntilExpiry()).isEqualTo(3);
    }
  }

  private TlsStats tls(String cluster) {
    return stats.cluster(cluster).tls;
  }

  private static TlsSource chain(X509Bundle bundle) {
    return new TlsSource.Inline(bundle.getCertificatePathPEM());
  }

  private static TlsContextConfig context(TlsSource chain, X509Bundle own, String peer) {
    TlsCertificate certificate =
        new TlsCertificate(
            chain,
            new TlsSource.Inline(own.getPrivateKeyPEM()),
            Optional.empty(),
            Optional.empty());
    PeerValidation validation =
        new PeerValidation(
            Optional.of(new TlsSource.Inline(PKI.authority().getCertificatePEM())),
            List.of(new SanMatcher(SanMatcher.SanType.URI, new StringMatch.Exact(peer, false))),
            List.of(),
            List.of(),
            Optional.empty());
    return new TlsContextConfig(
        PARAMETERS, List.of(certificate), Optional.of(validation), List.of("http/1.1"));
  }

  private void shake(SslProvider provider, String accepted, Told serverTold, Told clientTold)
      throws Exception {
    TlsConfig.Downstream server =
        new TlsConfig.Downstream(
            context(chain(SERVER), SERVER, accepted), true, true, Duration.ofHours(1));
    TlsConfig.Upstream client =
        new TlsConfig.Upstream(
            context(chain(CLIENT), CLIENT, "spiffe://mesh.example/server"),
            "server.example.com",
            false,
            true);
    try (TlsContexts contexts = new TlsContexts(stats, System::currentTimeMillis, provider)) {
      contexts.load(List.of(new Placed("server", server), new Placed("client", client)));
      EmbeddedChannel serverEnd = new EmbeddedChannel();
      EmbeddedChannel clientEnd = new EmbeddedChannel();
      Handshake.server(serverEnd, contexts.of(server), Duration.ZERO, tls("server"), serverTold);
      Handshake.client(
          clientEnd,
          contexts.of(client),
          "server.example.com",
          443,
          Duration.ZERO,
          tls("client"),
          clientTold);
      boolean moved = true;
      while (moved) {
        boolean sent = move(clientEnd, serverEnd);
        boolean answered = move(serverEnd, clientEnd);
        moved = sent || answered;
      }
      // finish() would throw what a closed channel of this kind can show to nobody.
      for (EmbeddedChannel end : List.of(clientEnd, serverEnd)) {
        end.close();
        end.releaseInbound();
        end.releaseOutbound();
      }
    }
  }

  private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
    from.runPendingTasks();
    boolean moved = false;
    for (Object bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
      moved = true;
      if (to.isOpen()) {
        to.pipeline().fireChannelRead(bytes);
        to.pipeline().fireChannelReadComplete();
      } else {
        ReferenceCountUtil.release(bytes);
      }
    }
    return moved;
  }
}
