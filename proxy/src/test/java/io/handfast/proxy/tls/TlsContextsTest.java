package io.handfast.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
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
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Both ends are ours, by BoringSSL and by the JDK, which must not differ in what they refuse. */
final class TlsContextsTest {
  private static final int SOME = 100;
  private static final int MANY = 1_000;

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

  @Test
  void shouldSayOnceThatItIsSlowerWhenBoringSslCannotBeLoaded() throws Exception {
    // Given
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(TlsContexts.class);
    logged.start();
    logger.addAppender(logged);
    try (TlsContexts contexts =
        new TlsContexts(stats, System::currentTimeMillis, SslProvider.JDK)) {
      // When
      contexts.load(List.of(new Placed("one", upstream())));
      contexts.load(List.of(new Placed("two", downstream(chain(SERVER), Duration.ofHours(1)))));

      // Then
      assertThat(logged.list)
          .extracting(ILoggingEvent::getLevel, ILoggingEvent::getMessage)
          .containsExactly(
              tuple(Level.WARN, "TLS by the JDK, which is slower: BoringSSL cannot be loaded: {}"));
    } finally {
      logger.detachAppender(logged);
    }
  }

  @Test
  void shouldKeepOnlyWhatIsInUseWhenConfigurationsCome() throws Exception {
    keepOnlyWhatIsInUse(SOME);
  }

  @Test
  @Tag("full")
  void shouldKeepOnlyWhatIsInUseWhenAThousandConfigurationsCome() throws Exception {
    keepOnlyWhatIsInUse(MANY);
  }

  private void keepOnlyWhatIsInUse(int configurations) throws Exception {
    // Given
    List<SslContext> made = new ArrayList<>();
    try (TlsContexts contexts = boringSsl()) {
      for (int i = 1; i <= configurations; i++) {
        TlsConfig next = downstream(chain(SERVER), Duration.ofSeconds(i));

        // When
        contexts.load(List.of(new Placed("ctx", next)));
        contexts.retain(Set.of(next));
        made.add(current(contexts, next));
        if (i % 100 == 0) {
          await().until(() -> contexts.size() == 1);
        }
      }

      // Then: the memory behind them is freed with the last reference
      assertThat(made.getLast()).extracting(ReferenceCountUtil::refCnt).isEqualTo(1);
      assertThat(made.subList(0, made.size() - 1))
          .allMatch(context -> ReferenceCountUtil.refCnt(context) == 0);
    }
    assertThat(made).allMatch(context -> ReferenceCountUtil.refCnt(context) == 0);
  }

  @Test
  void shouldKeepOneContextWhenCertificatesAreRenewed(@TempDir Path directory) throws Exception {
    keepOneContext(SOME, directory);
  }

  @Test
  @Tag("full")
  void shouldKeepOneContextWhenCertificatesAreRenewedAThousandTimes(@TempDir Path directory)
      throws Exception {
    keepOneContext(MANY, directory);
  }

  private void keepOneContext(int renewals, Path directory) throws Exception {
    // Given
    List<X509Bundle> pair = List.of(PKI.workload("server"), PKI.workload("server"));
    TestPki.put(directory.resolve("chain.pem"), SERVER.getCertificatePathPEM());
    TlsConfig config =
        downstream(new TlsSource.File(directory.resolve("chain.pem")), Duration.ofHours(1));
    List<SslContext> made = new ArrayList<>();
    try (TlsContexts contexts = boringSsl()) {
      contexts.load(List.of(new Placed("ctx", config)));
      for (int i = 0; i < renewals; i++) {
        // When
        TestPki.put(
            directory.resolve("chain.pem"),
            SERVER.getCertificatePathPEM() + pair.get(i % 2).getCertificatePathPEM());
        contexts.reload();
        made.add(current(contexts, config));
      }

      // Then
      assertThat(contexts.size()).isEqualTo(1);
      assertThat(made).doesNotHaveDuplicates();
      assertThat(made.subList(0, made.size() - 1))
          .allMatch(context -> ReferenceCountUtil.refCnt(context) == 0);
    }
    assertThat(made).allMatch(context -> ReferenceCountUtil.refCnt(context) == 0);
  }

  @Test
  void shouldMakeNothingAfterTheEnd() throws Exception {
    // Given
    TlsConfig late = downstream(chain(SERVER), Duration.ofHours(1));
    TlsContexts contexts = boringSsl();
    contexts.close();

    // When: a configuration is being warmed meanwhile
    contexts.warm(List.of(new Placed("ctx", late))).toCompletableFuture().get();

    // Then
    assertThat(contexts.size()).isZero();
  }

  @Test
  void shouldKeepNothingForAConnectionThatIsGone() throws Exception {
    // Given
    TlsConfig config = downstream(chain(SERVER), Duration.ofHours(1));
    Told told = new Told();
    TlsContexts contexts = boringSsl();
    contexts.load(List.of(new Placed("ctx", config)));
    SslContext context = current(contexts, config);
    EmbeddedChannel gone = new EmbeddedChannel();
    gone.close();
    gone.runPendingTasks();

    // When
    Handshake.server(gone, contexts.of(config), Duration.ZERO, tls("server"), told);
    contexts.close();

    // Then
    assertThat(ReferenceCountUtil.refCnt(context)).isZero();
    assertThat(told.failed).containsExactly("TLS error: the connection is closed");
  }

  @Test
  void shouldWatchNoDirectoryThatNobodyNeeds(@TempDir Path directory) throws Exception {
    // Given
    FileWatch watch = new FileWatch("watch", "files", () -> {});
    Path kept = Files.createDirectory(directory.resolve("kept"));
    Path gone = Files.createDirectory(directory.resolve("gone"));
    watch.add(kept.resolve("a.pem"));
    watch.start();
    watch.add(gone.resolve("b.pem"));
    assertThat(watch.size()).isEqualTo(2);

    // When
    watch.retain(Set.of(kept.resolve("a.pem")));

    // Then
    assertThat(watch.size()).isEqualTo(1);
    watch.close();
  }

  @Test
  void shouldKeepTheContextOfAConnectionWhenNobodyElseNeedsIt() throws Exception {
    // Given
    TlsConfig server = downstream(chain(SERVER), Duration.ofHours(1));
    TlsConfig.Upstream client = upstream();
    TlsConfig other = downstream(chain(SERVER), Duration.ofHours(2));
    Told secured = new Told();
    try (TlsContexts contexts = boringSsl()) {
      contexts.load(List.of(new Placed("server", server), new Placed("client", client)));
      SslContext context = current(contexts, server);
      EmbeddedChannel serverEnd = new EmbeddedChannel();
      EmbeddedChannel clientEnd = new EmbeddedChannel();
      begin(contexts, server, client, serverEnd, clientEnd, secured, new Told());
      pump(clientEnd, serverEnd);
      assertThat(secured.secured).hasSize(1);

      // When
      contexts.load(List.of(new Placed("other", other)));
      contexts.retain(Set.of(other));
      await().until(() -> contexts.size() == 1);

      // Then
      clientEnd.writeOutbound(Unpooled.copiedBuffer("still here", StandardCharsets.US_ASCII));
      pump(clientEnd, serverEnd);
      ByteBuf received = serverEnd.readInbound();
      assertThat(received.toString(StandardCharsets.US_ASCII)).isEqualTo("still here");
      received.release();
      assertThat(ReferenceCountUtil.refCnt(context)).isPositive();

      // When
      close(clientEnd, serverEnd);

      // Then
      assertThat(ReferenceCountUtil.refCnt(context)).isZero();
    }
  }

  private TlsContexts boringSsl() {
    return new TlsContexts(stats, System::currentTimeMillis, SslProvider.OPENSSL_REFCNT);
  }

  private static SslContext current(TlsContexts contexts, TlsConfig config) {
    SslContext context = contexts.of(config).retained();
    assertThat(context).isNotNull();
    ReferenceCountUtil.release(context);
    return context;
  }

  private static TlsConfig.Downstream downstream(TlsSource chain, Duration sessions) {
    return new TlsConfig.Downstream(
        context(chain, SERVER, "spiffe://mesh.example/client"), true, true, sessions);
  }

  private static TlsConfig.Upstream upstream() {
    return new TlsConfig.Upstream(
        context(chain(CLIENT), CLIENT, "spiffe://mesh.example/server"),
        "server.example.com",
        false,
        true);
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
    TlsConfig.Upstream client = upstream();
    try (TlsContexts contexts = new TlsContexts(stats, System::currentTimeMillis, provider)) {
      contexts.load(List.of(new Placed("server", server), new Placed("client", client)));
      EmbeddedChannel serverEnd = new EmbeddedChannel();
      EmbeddedChannel clientEnd = new EmbeddedChannel();
      begin(contexts, server, client, serverEnd, clientEnd, serverTold, clientTold);
      pump(clientEnd, serverEnd);
      close(clientEnd, serverEnd);
    }
  }

  private void begin(
      TlsContexts contexts,
      TlsConfig server,
      TlsConfig client,
      EmbeddedChannel serverEnd,
      EmbeddedChannel clientEnd,
      Told serverTold,
      Told clientTold) {
    Handshake.server(serverEnd, contexts.of(server), Duration.ZERO, tls("server"), serverTold);
    Handshake.client(
        clientEnd,
        contexts.of(client),
        "server.example.com",
        443,
        Duration.ZERO,
        tls("client"),
        clientTold);
  }

  private static void pump(EmbeddedChannel one, EmbeddedChannel other) {
    boolean moved = true;
    while (moved) {
      boolean sent = move(one, other);
      boolean answered = move(other, one);
      moved = sent || answered;
    }
  }

  /** {@code finish()} would throw what a closed channel of this kind can show to nobody. */
  private static void close(EmbeddedChannel... ends) {
    for (EmbeddedChannel end : ends) {
      end.close();
      end.releaseInbound();
      end.releaseOutbound();
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
